import { Prisma } from '../stores/prisma/client.ts';
import { invalidInput, storable } from './input.ts';

/** What is looked for, in the words of web search: words, "phrases", `or`, and -words that must not occur. */
export interface SearchQuery {
  /** A `tsquery` expression over `message_search_vector`. */
  sql: Prisma.Sql;
  /** A `tsquery` expression of the words to mark; null where there are none. */
  words: Prisma.Sql | null;
  /** What to mark of scripts without spaces: pairs of characters, or single ones. */
  grams: readonly string[];
}

interface Term {
  text: string;
  excluded: boolean;
}

const maxLength = 1000;
/** The scripts that `message_search_vector` takes apart into characters and pairs. */
const unspaced =
  /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9f\u{20000}-\u{3ffff}]+/gu;
const searchable = /[\p{L}\p{N}]/u;

/** Null where nothing is looked for. Any text is a query; one that is too long is `invalid_input`. */
export function parseSearchQuery(text: string): SearchQuery | null {
  if (text.length > maxLength) {
    throw invalidInput([{ path: 'query', message: `must be at most ${maxLength} characters long` }]);
  }
  const alternatives = alternativesOf(storable(text)).filter((all) => all.some((term) => !term.excluded));
  if (alternatives.length === 0) return null;
  const wanted = alternatives.flat().filter((term) => !term.excluded);
  const words = wanted.flatMap((term) => wordsSql(term.text));
  return {
    sql: joined(
      alternatives.map((all) => joined(all.map(termSql), '&&')),
      '||',
    ),
    words: words.length === 0 ? null : joined(words, '||'),
    grams: [...new Set(wanted.flatMap((term) => gramsOf(term.text)))],
  };
}

/** The terms between one `or` and the next: all of them must hold. */
function alternativesOf(text: string): Term[][] {
  const alternatives: Term[][] = [[]];
  for (const [, minus, phrase, word] of text.matchAll(/(-?)(?:"([^"]*)"?|([^\s"]+))/g)) {
    if (word?.toLowerCase() === 'or' && minus === '') {
      alternatives.push([]);
      continue;
    }
    const term = phrase ?? word ?? '';
    if (searchable.test(term)) alternatives.at(-1)?.push({ text: term, excluded: minus === '-' });
  }
  return alternatives;
}

function termSql({ text, excluded }: Term): Prisma.Sql {
  const grams = gramsOf(text).map((gram) => `'${gram}'`);
  const parts = [...wordsSql(text), ...(grams.length === 0 ? [] : [Prisma.sql`${grams.join(' & ')}::tsquery`])];
  return excluded ? Prisma.sql`(!!${joined(parts, '&&')})` : joined(parts, '&&');
}

/** The words of a term, next to each other as they stand there; nothing where it has none. */
function wordsSql(text: string): Prisma.Sql[] {
  const rest = text.replaceAll(unspaced, ' ');
  return searchable.test(rest) ? [Prisma.sql`phraseto_tsquery('public.portal', public.searchable_words(${rest}))`] : [];
}

/** Of each run without spaces every pair of neighbours; of a single character, that one. */
function gramsOf(text: string): string[] {
  return (text.match(unspaced) ?? []).flatMap((run) => {
    const characters = [...run];
    const pairs = characters.slice(1).map((character, index) => `${characters[index]}${character}`);
    return pairs.length === 0 ? characters : pairs;
  });
}

function joined(parts: readonly Prisma.Sql[], operator: '&&' | '||'): Prisma.Sql {
  return Prisma.sql`(${Prisma.join([...parts], ` ${operator} `)})`;
}

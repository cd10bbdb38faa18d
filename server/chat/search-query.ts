import { Prisma } from '../stores/prisma/client.ts';
import { invalidInput } from './input.ts';

/** What is looked for, in the words of web search: words, "phrases", `or`, and -words that must not occur. */
export interface SearchQuery {
  /** A `tsquery` expression over `message_search_vector`. */
  sql: Prisma.Sql;
  /** Runs of scripts without spaces, which Postgres' own highlighting does not know. */
  unspacedRuns: readonly string[];
}

interface Term {
  text: string;
  excluded: boolean;
}

const maxLength = 1000;
const maxTerms = 32;
/** The scripts that `message_search_vector` takes apart into characters and pairs. */
const unspaced =
  /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\u{20000}-\u{3ffff}]+/gu;

/** Null where nothing is looked for. Any text is a query; one that is too long is `invalid_input`. */
export function parseSearchQuery(text: string): SearchQuery | null {
  if (text.length > maxLength)
    throw invalidInput([{ path: 'query', message: `must be at most ${maxLength} characters long` }]);
  const alternatives = alternativesOf(text.toWellFormed().replaceAll('\u0000', ' '));
  const terms = alternatives.flat();
  if (terms.length > maxTerms) throw invalidInput([{ path: 'query', message: `must have at most ${maxTerms} words` }]);
  const positive = alternatives.filter((all) => all.some((term) => !term.excluded));
  if (positive.length === 0) return null;
  const sql = joined(
    positive.map((all) => joined(all.map(termSql), '&&')),
    '||',
  );
  return {
    sql,
    unspacedRuns: terms.filter((term) => !term.excluded).flatMap((term) => term.text.match(unspaced) ?? []),
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
    const term = (phrase ?? word ?? '').trim();
    if (/[\p{L}\p{N}]/u.test(term)) alternatives.at(-1)?.push({ text: term, excluded: minus === '-' });
  }
  return alternatives;
}

/** A term matches by its stems or as it stands; both ways must fail where it is excluded. */
function termSql({ text, excluded }: Term): Prisma.Sql {
  const runs = text.match(unspaced) ?? [];
  const rest = text.replaceAll(unspaced, ' ').trim();
  const parts = runs.map((run) => Prisma.sql`${gramsOf(run)}::tsquery`);
  if (/[\p{L}\p{N}]/u.test(rest)) {
    parts.push(
      Prisma.sql`(phraseto_tsquery('pg_catalog.english', ${rest}) || phraseto_tsquery('pg_catalog.simple', ${rest}))`,
    );
  }
  const matches = joined(parts, '&&');
  return excluded ? Prisma.sql`(!!${matches})` : matches;
}

/** Every pair of neighbours; of a single character, that one. */
function gramsOf(run: string): string {
  const characters = [...run];
  const pairs = characters.slice(1).map((character, index) => `${characters[index]}${character}`);
  return (pairs.length === 0 ? characters : pairs).map((gram) => `'${gram}'`).join(' & ');
}

function joined(parts: readonly Prisma.Sql[], operator: '&&' | '||'): Prisma.Sql {
  return Prisma.sql`(${Prisma.join([...parts], ` ${operator} `)})`;
}

import { Lexer, type Token } from 'marked';

/** Text past these is shown as it is: rendering it would cost more than reading it is worth. */
const limits = {
  /**
   * Sum over all runs of text: UTF-16 units times the characters among them that could open or close something. Their
   * pairing is quadratic; this much takes some 200 ms, and an answer of 20 kB has a hundredth of it.
   */
  pairings: 24_000_000,
  /** Quotes and lists inside each other. */
  depth: 24,
  /** Lines that begin a quote or an item of a list. */
  containerLines: 3_000,
  /** Elements that a page would get. */
  nodes: 6_000,
  /** UTF-16 units of a whole text. */
  length: 400_000,
};

const options = { gfm: true, breaks: false, pedantic: false } as const;
const containerPrefix = /^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])))+/;
const containerMark = />|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])/g;
const delimiter = /[*_~`[\]()!<&\\]|https?:|www\.|@/g;

/** The top-level blocks of a text; never throws, and never takes long: what is too wild comes back as one plain block. */
export function parseBlocks(source: string): Token[] {
  if (source.length > limits.length || isTooWild(source)) return [plain(source)];
  try {
    const lexer = new Lexer(options);
    lexer.blockTokens(source, lexer.tokens);
    let pairings = 0;
    for (const { src, tokens } of lexer.inlineQueue) {
      const cost = src.length * countDelimiters(src);
      if (pairings + cost > limits.pairings) tokens.push(plain(src));
      else {
        pairings += cost;
        lexer.inlineTokens(src, tokens);
      }
    }
    return withinNodes(lexer.tokens);
  } catch {
    return [plain(source)];
  }
}

export const maxDepth = limits.depth;

const plain = (text: string): Token => ({ type: 'plain', raw: text, text });

/** The blocks in their order; from where they have too many parts on, as plain text. */
function withinNodes(tokens: readonly Token[]): Token[] {
  let nodes = 0;
  return tokens.map((token) => {
    nodes += countNodes(token);
    return nodes > limits.nodes && token.type !== 'space' ? plain(token.raw) : token;
  });
}

function countNodes(token: Token): number {
  const lists: Token[][] = [];
  if ('tokens' in token && token.tokens) lists.push(token.tokens);
  if (token.type === 'list') lists.push(token.items);
  if (token.type === 'table')
    for (const row of [token.header, ...token.rows]) for (const cell of row) lists.push(cell.tokens);
  return lists.reduce((sum, list) => list.reduce((count, child) => count + countNodes(child), sum + 1), 1);
}

function isTooWild(source: string): boolean {
  let containerLines = 0;
  for (const line of source.split('\n')) {
    const prefix = containerPrefix.exec(line)?.[0];
    if (prefix === undefined) continue;
    const depth = prefix.length > limits.depth ? (prefix.match(containerMark)?.length ?? 0) : 1;
    if (++containerLines > limits.containerLines || depth > limits.depth) return true;
  }
  return false;
}

function countDelimiters(text: string): number {
  return text.match(delimiter)?.length ?? 0;
}

import type { Token } from 'marked';
import { parseBlocks } from './parse.ts';

/** A top-level block of a text: the same object for as long as it reads the same. */
export interface Block {
  /** Where it begins in the text. */
  offset: number;
  token: Token;
  /** False while later text may still change it. */
  closed: boolean;
}

export interface BlockReader {
  /** The blocks of a text that grows; `whole` says that it will not. */
  read(text: string, whole: boolean): readonly Block[];
}

/**
 * Reads a growing text for the cost of its growing end: a block counts as closed once a line that is complete has begun
 * another one, and is not parsed again. A text that does not continue the last one is read anew. A whole text is parsed at
 * once, so that references which were defined late resolve.
 */
export function createBlockReader(): BlockReader {
  let text = '';
  let isWhole = false;
  let closed: Block[] = [];
  let closedLength = 0;
  let blocks: readonly Block[] = [];

  /** Moves to `closed` what the complete lines after it have closed. */
  function close(): void {
    const lineEnd = text.lastIndexOf('\n') + 1;
    if (lineEnd <= closedLength) return;
    const read = toBlocks(parseBlocks(text.slice(closedLength, lineEnd)), closedLength, true);
    const last = read.findLastIndex(({ token }) => token.type !== 'space');
    const finished = read.slice(0, Math.max(0, last));
    if (finished.length === 0) return;
    closed = [...closed, ...finished];
    closedLength = read[last]?.offset ?? closedLength;
  }

  function reset(): void {
    closed = [];
    closedLength = 0;
  }

  return {
    read(next, whole) {
      if (next === text && whole === isWhole) return blocks;
      const grows = next.startsWith(text) && !isWhole;
      const grewByLine = next.indexOf('\n', text.length) !== -1;
      text = next;
      isWhole = whole;
      if (!grows || whole) reset();
      if (whole) blocks = keepEqual(blocks, toBlocks(parseBlocks(text), 0, true));
      else {
        if (!grows || grewByLine) close();
        blocks = [...closed, ...toBlocks(parseBlocks(text.slice(closedLength)), closedLength, false)];
      }
      return blocks;
    },
  };
}

function toBlocks(tokens: readonly Token[], start: number, closed: boolean): Block[] {
  let offset = start;
  return tokens.map((token) => {
    const block = { offset, token, closed };
    offset += token.raw.length;
    return block;
  });
}

/** Blocks that read as they did stay the same objects; a definition changes how others read. */
function keepEqual(before: readonly Block[], after: Block[]): Block[] {
  if (after.some(({ token }) => token.type === 'def')) return after;
  return after.map((block, index) => {
    const old = before[index];
    return old?.closed && old.offset === block.offset && old.token.raw === block.token.raw ? old : block;
  });
}

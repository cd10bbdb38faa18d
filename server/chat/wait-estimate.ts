/** How fast answers have been written lately. */
export interface Pace {
  /** Milliseconds from one token of an answer to its next, beside as many others as there are places. */
  gapMs: number;
  /** Milliseconds for one token of a prompt. */
  readMs: number;
  /** Tokens of prompts that had to be read, and of answers until they ended; at least one each, the newest last. */
  prompts: readonly number[];
  answers: readonly number[];
}

export interface UnderWay {
  drawn: number;
  maxTokens: number;
  /** Tokens of its prompt that are still to be read; null before that is known. */
  unread: number | null;
  /** Nothing runs beside it. */
  alone: boolean;
}

export interface InLine {
  /** As asked for with the message; null where it was not. */
  maxTokens: number | null;
  alone: boolean;
}

const rounds = 60;

/**
 * Milliseconds until each of those in line is likely to begin. Where answers end nobody knows beforehand: many courses of
 * events are drawn from the lengths of past ones, with what each running one has already written as given, and the
 * middle one of the beginnings counts. The draws are the same each time, so that equal situations look equal.
 */
export function estimateWaits(
  pace: Pace,
  places: number,
  underWay: readonly UnderWay[],
  inLine: readonly InLine[],
): number[] {
  const random = mulberry32(20_261_121);
  const pick = (values: readonly number[]) => values[Math.floor(random() * values.length)] ?? 0;
  const remaining = (drawn: number, maxTokens: number | null) => {
    const longer = pace.answers.filter((length) => length > drawn);
    // One that is longer than all before it goes on for as long again, as far as anybody knows.
    const length = longer.length > 0 ? pick(longer) : 2 * drawn;
    return Math.max(0, Math.min(length, maxTokens ?? length) - drawn);
  };

  const starts: number[][] = inLine.map(() => []);
  for (let round = 0; round < rounds; round++) {
    const free = underWay.map(({ drawn, maxTokens, unread }) => {
      return (unread ?? pick(pace.prompts)) * pace.readMs + remaining(drawn, maxTokens) * pace.gapMs;
    });
    const isAlone = underWay.some(({ alone }) => alone);
    while (!isAlone && free.length < places) free.push(0);
    let before = 0;
    for (const [index, { maxTokens, alone }] of inLine.entries()) {
      const takes = pick(pace.prompts) * pace.readMs + remaining(0, maxTokens) * pace.gapMs;
      before = Math.max(before, alone ? Math.max(0, ...free) : takeEarliest(free));
      starts[index]?.push(before);
      if (alone) free.splice(0, free.length, ...Array<number>(places).fill(before + takes));
      else free.push(before + takes);
    }
  }
  return starts.map(median);
}

function takeEarliest(free: number[]): number {
  const earliest = Math.min(...free);
  free.splice(free.indexOf(earliest), 1);
  return earliest;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** Tommy Ettinger's Mulberry32: numbers from 0 to below 1. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

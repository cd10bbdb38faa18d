import type { UsageDaysQuery } from '../../gql/graphql.ts';
import { decimalText, shortText, wholeText } from '../../lib/numbers.ts';
import { spanText } from '../../lib/spans.ts';

export type UsageRow = UsageDaysQuery['usage'][number];

export interface Amounts {
  answers: number;
  cachedAnswers: number;
  promptTokens: number;
  completionTokens: number;
  generationMs: number;
}

export interface Measure {
  name: string;
  of: (amounts: Amounts) => number;
  textOf: (value: number) => string;
  shortTextOf: (value: number) => string;
}

/** What can be looked at day by day. */
export const measures: readonly Measure[] = [
  { name: 'Answers', of: ({ answers }) => answers, textOf: wholeText, shortTextOf: shortText },
  { name: 'Tokens written', of: ({ completionTokens }) => completionTokens, textOf: wholeText, shortTextOf: shortText },
  { name: 'Tokens read', of: ({ promptTokens }) => promptTokens, textOf: wholeText, shortTextOf: shortText },
  { name: 'Time', of: ({ generationMs }) => generationMs, textOf: spanText, shortTextOf: spanText },
];

const none: Amounts = { answers: 0, cachedAnswers: 0, promptTokens: 0, completionTokens: 0, generationMs: 0 };

/** Sums by a key of each row, in the order in which the keys come. */
export function sumBy(rows: readonly UsageRow[], keyOf: (row: UsageRow) => string): Map<string, Amounts> {
  const sums = new Map<string, Amounts>();
  for (const row of rows) {
    const before = sums.get(keyOf(row)) ?? none;
    sums.set(keyOf(row), {
      answers: before.answers + row.answers,
      cachedAnswers: before.cachedAnswers + row.cachedAnswers,
      promptTokens: before.promptTokens + row.promptTokens,
      completionTokens: before.completionTokens + row.completionTokens,
      generationMs: before.generationMs + row.generationMs,
    });
  }
  return sums;
}

const dayMs = 86_400_000;

/** The last days up to that of `now`, the oldest first, in UTC as the portal counts them: YYYY-MM-DD. */
export function lastDays(count: number, now: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    new Date(now - (count - 1 - index) * dayMs).toISOString().slice(0, 10),
  );
}

/** Tokens a second over everything that was generated; null where nothing was. */
export function speedText({ completionTokens, generationMs }: Amounts): string {
  return generationMs === 0 ? '–' : `${decimalText((1_000 * completionTokens) / generationMs)}`;
}

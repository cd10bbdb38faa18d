import { describe, expect, it } from 'vitest';
import { lastDays, sumBy, type UsageRow } from './usage-days.ts';

const row = (date: string, modelName: string, answers: number): UsageRow => ({
  date,
  modelName,
  answers,
  cachedAnswers: 1,
  promptTokens: 10 * answers,
  completionTokens: 20 * answers,
  generationMs: 1_000 * answers,
});

describe('the use of days', () => {
  it('is summed by day, by model, or by both', () => {
    const rows = [row('2026-03-02', 'a', 3), row('2026-03-02', 'b', 1), row('2026-03-01', 'a', 2)];
    const byModel = sumBy(rows, ({ modelName }) => modelName);
    expect([...byModel.keys()]).toEqual(['a', 'b']);
    expect(byModel.get('a')).toEqual({
      answers: 5,
      cachedAnswers: 2,
      promptTokens: 50,
      completionTokens: 100,
      generationMs: 5_000,
    });
    expect(sumBy(rows, ({ date }) => date).get('2026-03-02')?.answers).toBe(4);
  });

  it('goes back over months and leap days, and ends today', () => {
    expect(lastDays(3, Date.parse('2028-03-01T00:30:00Z'))).toEqual(['2028-02-28', '2028-02-29', '2028-03-01']);
    expect(lastDays(1, Date.parse('2026-01-01T23:59:59Z'))).toEqual(['2026-01-01']);
  });
});

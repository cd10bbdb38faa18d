import { wholeText } from '../../lib/numbers.ts';
import { spanText } from '../../lib/spans.ts';
import { speedText, sumBy, type UsageRow } from './usage-days.ts';

const heads = ['Answers', 'From the cache', 'Tokens read', 'Tokens written', 'Time', 'Tokens/s'] as const;

/** What each model answered in all, or day by day. */
export function UsageTable({ rows, byDay }: { rows: readonly UsageRow[]; byDay: boolean }) {
  const sums = sumBy(rows, ({ date, modelName }) => (byDay ? `${date} ${modelName}` : modelName));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that is wider than a phone is scrolled by keyboard too.
    <section aria-label="Use by model" tabIndex={0} className="overflow-x-auto">
      <table className="w-full text-sm tabular-nums">
        <caption className="sr-only">{byDay ? 'Use by day and model' : 'Use by model'}</caption>
        <thead>
          <tr className="text-ink-soft text-xs">
            <th scope="col" className="py-1 pr-3 text-left font-normal">
              {byDay ? 'Day and model' : 'Model'}
            </th>
            {heads.map((head) => (
              <th key={head} scope="col" className="whitespace-nowrap py-1 pl-3 text-right font-normal">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...sums].map(([name, amounts]) => (
            <tr key={name} className="border-line border-t">
              <th scope="row" className="min-w-44 py-1.5 pr-3 text-left font-normal [overflow-wrap:anywhere]">
                {name}
              </th>
              <Cell>{wholeText(amounts.answers)}</Cell>
              <Cell>{wholeText(amounts.cachedAnswers)}</Cell>
              <Cell>{wholeText(amounts.promptTokens)}</Cell>
              <Cell>{wholeText(amounts.completionTokens)}</Cell>
              <Cell>{spanText(amounts.generationMs)}</Cell>
              <Cell>{speedText(amounts)}</Cell>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Cell({ children }: { children: string }) {
  return <td className="whitespace-nowrap py-1.5 pl-3 text-right">{children}</td>;
}

import { useEffect, useRef, useState } from 'react';
import { useQuery } from 'urql';
import { Button } from '../../components/button.tsx';
import { problemOf } from '../../lib/errors.ts';
import { BarChart } from './charts/bar-chart.tsx';
import { Legend } from './charts/legend.tsx';
import { roundTop } from './charts/line-path.ts';
import type { Tone } from './charts/tones.ts';
import { ChoiceGroup } from './choice-group.tsx';
import { UsageDays } from './documents.ts';
import { lastDays, type Measure, measures, sumBy, type UsageRow } from './usage-days.ts';
import { UsageTable } from './usage-table.tsx';

const spans = [7, 30, 90].map((days) => ({ name: `${days} days`, value: days }));
const lookEveryMs = 5_000;
const modelTones: readonly Tone[] = ['first', 'second', 'third', 'fourth'];
const othersName = 'others';

interface Props {
  asTables: boolean;
  /** Replies that ended so far: with another number there is something new to show. */
  answered: number;
}

/** What was answered, day by day and model by model, for everybody. */
export function UsagePanel({ asTables, answered }: Props) {
  const [span, setSpan] = useState(30);
  const [measureName, setMeasure] = useState(measures[0]?.name ?? '');
  const days = lastDays(span, Date.now());
  const [{ data, error, fetching }, ask] = useQuery({
    query: UsageDays,
    variables: { from: `${days[0]}T00:00:00.000Z` },
    requestPolicy: 'cache-and-network',
  });
  const latest = useRef(answered);
  useEffect(() => {
    latest.current = answered;
  });
  useEffect(() => {
    let known = latest.current;
    const timer = setInterval(() => {
      if (latest.current === known) return;
      known = latest.current;
      ask({ requestPolicy: 'network-only' });
    }, lookEveryMs);
    return () => clearInterval(timer);
  }, [ask]);

  const rows = data?.usage;
  const measure = measures.find(({ name }) => name === measureName);
  return (
    <>
      <div className="mb-3 flex flex-wrap gap-2">
        <ChoiceGroup label="Span" choices={spans} chosen={span} onChoose={setSpan} />
        {!asTables && (
          <ChoiceGroup
            label="What is shown"
            choices={measures.map(({ name }) => ({ name, value: name }))}
            chosen={measureName}
            onChoose={setMeasure}
          />
        )}
      </div>
      {error && rows === undefined && (
        <div className="flex flex-wrap items-center gap-3 text-sm">
          <p className="text-warn">{problemOf(error).message}</p>
          <Button disabled={fetching} onClick={() => ask({ requestPolicy: 'network-only' })}>
            Try again
          </Button>
        </div>
      )}
      {rows?.length === 0 && <p className="text-ink-soft text-sm">Nothing was answered in these {span} days.</p>}
      {rows !== undefined && rows.length > 0 && measure !== undefined && (
        <div className="space-y-4 rounded-xl border border-line bg-surface p-4">
          {!asTables && <UsageChart rows={rows} days={days} measure={measure} />}
          <UsageTable rows={rows} byDay={asTables} />
        </div>
      )}
    </>
  );
}

/** A bar a day; the models that did most have colours, the others share one. */
function UsageChart({ rows, days, measure }: { rows: readonly UsageRow[]; days: readonly string[]; measure: Measure }) {
  const byModel = [...sumBy(rows, ({ modelName }) => modelName)].sort(([, a], [, b]) => measure.of(b) - measure.of(a));
  const shown = byModel.slice(0, byModel.length > modelTones.length + 1 ? modelTones.length : byModel.length);
  const toneOf = new Map<string, Tone>(shown.map(([name], index) => [name, modelTones[index] ?? 'other']));
  const nameOf = ({ modelName }: UsageRow) => (toneOf.has(modelName) ? modelName : othersName);
  const bars = days.map((date) => {
    const ofDay = rows.filter((row) => row.date === date);
    const sums = sumBy(ofDay, nameOf);
    const parts = [...toneOf, [othersName, 'other'] as const].flatMap(([name, tone]) => {
      const amounts = sums.get(name);
      return amounts === undefined ? [] : [{ name, tone, value: measure.of(amounts) }];
    });
    const said = parts.map(({ name, value }) => `${name} ${measure.textOf(value)}`).join(', ');
    return { name: date, title: `${date}: ${said || 'nothing'}`, parts };
  });
  const highest = Math.max(0, ...bars.map(({ parts }) => parts.reduce((sum, { value }) => sum + value, 0)));
  const top = roundTop(highest, 1);
  const hasOthers = byModel.length > shown.length;

  return (
    <div className="space-y-2">
      <Legend
        entries={[
          ...shown.map(([name, amounts], index) => ({
            name,
            tone: modelTones[index] ?? 'other',
            value: measure.textOf(measure.of(amounts)),
          })),
          ...(hasOthers ? [{ name: othersName, tone: 'other' as const }] : []),
        ]}
      />
      <BarChart
        label={`${measure.name} a day, from ${days[0]} to ${days.at(-1)}; at most ${measure.textOf(highest)}`}
        bars={bars}
        top={top}
        topText={measure.shortTextOf(top)}
      />
      <p className="flex justify-between text-ink-soft text-xs tabular-nums">
        <span>{days[0]}</span>
        <span>Days in UTC</span>
        <span>{days.at(-1)}</span>
      </p>
    </div>
  );
}

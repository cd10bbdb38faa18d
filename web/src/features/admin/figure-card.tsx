import { useState } from 'react';
import { roughSpan } from '../../lib/spans.ts';
import { Legend } from './charts/legend.tsx';
import { LineChart } from './charts/line-chart.tsx';
import { roundTop } from './charts/line-path.ts';
import type { Sample } from './figure-log.ts';
import { FigureTable } from './figure-table.tsx';
import type { FigureChart } from './live-charts.ts';
import { type Figures, intervalMs, shownMs } from './use-live-figures.ts';

interface Props {
  chart: FigureChart;
  samples: readonly Sample<Figures>[];
  now: number;
  asTable: boolean;
}

/** One chart with what it is of, how it stands, and what it came to in all. */
export function FigureCard({ chart, samples, now, asTable }: Props) {
  const [pointed, setPointed] = useState<number | null>(null);
  const { title, about, lines, textOf, top, note } = chart;
  const latest = samples.at(-1);
  const isFresh = latest !== undefined && now - latest.at < 3 * intervalMs;
  const shown = pointed === null ? (isFresh ? latest : undefined) : nearest(samples, pointed);
  const valueText = (value: number | null | undefined) => (value == null ? '–' : textOf(value));
  const drawn = lines.map(({ name, tone, isDashed = false, read }) => ({
    name,
    tone,
    isDashed,
    value: valueText(shown?.figures && read(shown.figures)),
    points: samples.map(({ at, figures }) => ({ at, value: figures && read(figures) })),
  }));
  const highest = Math.max(0, ...drawn.flatMap(({ points }) => points.map(({ value }) => value ?? 0)));
  const lastFigures = samples.findLast(({ figures }) => figures !== null)?.figures ?? null;
  const chartTop = typeof top === 'number' ? roundTop(highest, top) : lastFigures === null ? 1 : top(lastFigures);
  const from = Math.max(now - shownMs, Math.min(samples[0]?.at ?? now, now - shortestMs));
  const time = shown && pointed !== null ? clock.format(shown.at) : null;

  return (
    <section aria-label={title} className="flex min-w-0 flex-col gap-2 rounded-xl border border-line bg-surface p-4">
      <div>
        <div className="flex items-baseline justify-between gap-2">
          <h3 className="font-medium text-sm">{title}</h3>
          <span className="text-ink-soft text-xs tabular-nums">{time}</span>
        </div>
        <p className="text-ink-soft text-xs">{about}</p>
      </div>
      <Legend entries={drawn} />
      {asTable ? (
        <FigureTable title={title} lines={drawn} now={now} textOf={textOf} />
      ) : (
        <LineChart
          label={`${title}: ${drawn.map(({ name, value }) => `${name} ${value}`).join(', ')}; in the last ${roughSpan((now - from) / 1_000)} at most ${textOf(highest)}`}
          lines={drawn}
          from={from}
          to={now}
          top={chartTop}
          topText={textOf(chartTop)}
          pointed={pointed}
          onPoint={setPointed}
        />
      )}
      <p className="mt-auto text-ink-soft text-xs">{lastFigures === null ? 'No figures yet' : note(lastFigures)}</p>
    </section>
  );
}

/** What a chart shows at least, so that its first points do not fill it. */
const shortestMs = 60_000;
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

function nearest(samples: readonly Sample<Figures>[], at: number): Sample<Figures> | undefined {
  let best: Sample<Figures> | undefined;
  for (const sample of samples) {
    if (Math.abs(sample.at - at) <= Math.abs((best?.at ?? Number.POSITIVE_INFINITY) - at)) best = sample;
  }
  return best && Math.abs(best.at - at) <= 3 * intervalMs ? best : undefined;
}

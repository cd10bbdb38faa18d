import { useNow } from '../../lib/use-now.ts';
import { FigureCard } from './figure-card.tsx';
import type { Sample } from './figure-log.ts';
import { liveCharts } from './live-charts.ts';
import { type Figures, intervalMs } from './use-live-figures.ts';

interface Props {
  samples: readonly Sample<Figures>[];
  /** Why none come. */
  problem: string | null;
  asTables: boolean;
}

/** What happens now, over the last ten minutes. */
export function LiveFigureCards({ samples, problem, asTables }: Props) {
  const now = useNow(intervalMs);
  return (
    <>
      {problem !== null && <p className="mb-3 text-sm text-warn">No figures come: {problem}</p>}
      <div className="grid gap-3 sm:grid-cols-2 2xl:grid-cols-3">
        {liveCharts.map((chart) => (
          <FigureCard
            key={chart.title}
            chart={chart}
            samples={samples}
            now={Math.max(now, samples.at(-1)?.at ?? 0)}
            asTable={asTables}
          />
        ))}
      </div>
    </>
  );
}

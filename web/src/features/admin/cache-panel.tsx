import { lazy, Suspense, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { bytesText } from '../../lib/bytes.ts';
import { loadPart } from '../../lib/load-part.ts';
import { percentText, wholeText } from '../../lib/numbers.ts';
import type { Figures } from './use-live-figures.ts';

const FlushDialog = lazy(() => loadPart(() => import('./flush-dialog.tsx')));

interface Props {
  figures: Figures | null;
  /** Redis is configured, and cannot be reached. */
  isRedisAway: boolean;
}

/** The answers that are kept to be given again, and how to be rid of them. */
export function CachePanel({ figures, isRedisAway }: Props) {
  const [isFlushing, setFlushing] = useState(false);
  const facts: [string, string][] =
    figures === null
      ? []
      : [
          ['Answers kept', wholeText(figures.cacheEntries)],
          ['They occupy', bytesText(figures.cacheSizeBytes)],
          ['Hits', wholeText(figures.cacheHits)],
          ['Misses', wholeText(figures.cacheMisses)],
          ['Hit rate', percentText(figures.cacheHitRate)],
          ['Kept in', placeOf(figures.cacheBackend, isRedisAway)],
        ];
  return (
    <div className="rounded-xl border border-line bg-surface p-4">
      <dl className="grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-3">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt className="text-ink-soft text-xs">{name}</dt>
            <dd className="text-sm tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
      {figures === null && <p className="text-ink-soft text-sm">No figures yet</p>}
      <Button className="mt-4" onClick={() => setFlushing(true)}>
        Flush…
      </Button>
      {isFlushing && (
        <Suspense>
          <FlushDialog onClose={() => setFlushing(false)} />
        </Suspense>
      )}
    </div>
  );
}

function placeOf(backend: string, isRedisAway: boolean): string {
  if (backend === 'redis') return 'Redis';
  return isRedisAway ? 'this process, until Redis is back' : 'this process';
}

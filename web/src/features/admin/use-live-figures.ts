import { useEffect, useState, useSyncExternalStore } from 'react';
import { useClient } from 'urql';
import type { LiveFiguresSubscription } from '../../gql/graphql.ts';
import { type Problem, problemOf } from '../../lib/errors.ts';
import { LiveFigures } from './documents.ts';
import { createFigureLog, type Sample } from './figure-log.ts';

export type Figures = LiveFiguresSubscription['telemetry'];

export const intervalMs = 2_000;
export const shownMs = 10 * 60_000;
const againMs = 3_000;

/** Outlives the page, so that who comes back sees what was seen, and a gap. */
const log = createFigureLog<Figures>({ spanMs: shownMs, gapMs: 3 * intervalMs });

/** The figures of the last ten minutes as far as they came here, followed over every loss; and why none come, where none do. */
export function useLiveFigures(): { samples: readonly Sample<Figures>[]; problem: Problem | null } {
  const client = useClient();
  const samples = useSyncExternalStore(log.subscribe, log.get);
  const [problem, setProblem] = useState<Problem | null>(null);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let stop = () => {};
    const follow = () => {
      const followed = client.subscription(LiveFigures, { intervalMs }).subscribe(({ data, error }) => {
        if (data) log.add(data.telemetry, Date.now());
        setProblem(error ? problemOf(error) : null);
        // A refusal ends a subscription; what is away comes back.
        if (error) timer = setTimeout(follow, againMs);
      });
      stop = followed.unsubscribe;
    };
    follow();
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [client]);

  return { samples, problem };
}

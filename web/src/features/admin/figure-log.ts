import { createStore, type Store } from '../../lib/store.ts';

/** Figures as they stood at a moment (milliseconds since 1970); null where none came for a while. */
export interface Sample<Figures> {
  at: number;
  figures: Figures | null;
}

export type FigureLog<Figures> = Pick<Store<readonly Sample<Figures>[]>, 'get' | 'subscribe'> & {
  add(figures: Figures, at: number): void;
};

/**
 * The figures of the last `spanMs`, the oldest first. Where two are further apart than `gapMs` a sample without figures
 * stands between them: nobody knows what was there.
 */
export function createFigureLog<Figures>({ spanMs, gapMs }: { spanMs: number; gapMs: number }): FigureLog<Figures> {
  const samples = createStore<readonly Sample<Figures>[]>([]);
  return {
    get: samples.get,
    subscribe: samples.subscribe,
    add(figures, at) {
      const kept = samples.get().filter((sample) => at - sample.at <= spanMs);
      const latest = kept.at(-1);
      const gap = latest !== undefined && at - latest.at > gapMs ? [{ at: latest.at + 1, figures: null }] : [];
      samples.set([...kept, ...gap, { at, figures }]);
    },
  };
}

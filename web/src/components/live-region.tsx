import { useSyncExternalStore } from 'react';
import { createStore } from '../lib/store.ts';

const spoken = createStore({ text: '', turn: 0 });

/** Has screen readers say this once they have said what they are at; the same words again are said again. */
export function speak(text: string): void {
  spoken.set({ text, turn: spoken.get().turn + 1 });
}

/** Holds what was spoken last. It is there before its first words, and stays over pages: one that comes with them is not read. */
export function LiveRegion() {
  const { text, turn } = useSyncExternalStore(spoken.subscribe, spoken.get);
  return (
    <div aria-live="polite" className="sr-only">
      <p key={turn}>{text}</p>
    </div>
  );
}

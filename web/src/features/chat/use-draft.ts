import { useEffect, useRef, useState } from 'react';
import type { Problem } from '../../lib/errors.ts';
import {
  type Draft,
  forgetUnsent,
  keepUnsent,
  newDraft,
  recallDraft,
  restoreDraft,
  saveDraft,
  unsentUnder,
} from './drafts.ts';

/** Told the key of each message that has arrived. */
const arrivals = new Set<(key: string) => void>();

interface KeptDraft {
  draft: Draft;
  setDraft: (draft: Draft) => void;
  /**
   * Empties the input and sends `placed`, which is the draft with its place. What could not be sent is in the input again, here or when the
   * place is seen next: it may be left, or the page closed, while it is on its way.
   */
  deliver: (placed: Draft, send: (draft: Draft) => Promise<Problem | null>) => Promise<Problem | null>;
}

/** The draft of one place. */
export function useDraft(place: string): KeptDraft {
  const [draft, setDraft] = useState(() => recallDraft(place));
  const isHere = useRef(false);
  const typed = useRef(draft);

  useEffect(() => {
    isHere.current = true;
    // It is in the input now.
    forgetUnsent(place);
    return () => {
      isHere.current = false;
    };
  }, [place]);
  useEffect(() => {
    typed.current = draft;
    saveDraft(place, draft);
  }, [place, draft]);
  useEffect(() => {
    const empty = (key: string) => setDraft((now) => (now.key === key ? newDraft('') : now));
    arrivals.add(empty);
    return () => void arrivals.delete(empty);
  }, []);

  async function deliver(placed: Draft, send: (draft: Draft) => Promise<Problem | null>): Promise<Problem | null> {
    keepUnsent(place, placed);
    setDraft(newDraft(''));
    const failure = await send(placed);
    const kept = unsentUnder(place, placed.key);
    if (failure === null) {
      if (kept !== null) forgetUnsent(place);
      for (const empty of [...arrivals]) empty(placed.key);
    } else if (kept !== null) {
      // What was refused is nowhere: the next try belongs to what is seen then.
      const unsent = failure.code === 'UNREACHABLE' ? kept : draft;
      if (isHere.current) {
        const restored = restoreDraft(unsent, typed.current);
        // Now, and not with the next frame: a page that is closed fails what is on its way first.
        saveDraft(place, restored);
        forgetUnsent(place);
        setDraft(restored);
      } else keepUnsent(place, unsent);
    }
    return failure;
  }

  return { draft, setDraft, deliver };
}

import { useEffect, useRef } from 'react';
import { useClient } from 'urql';
import { showNotice } from '../../components/notices.tsx';
import { problemOf } from '../../lib/errors.ts';
import { SelectBranch } from './mutations.ts';
import type { Thread } from './use-thread.ts';

/** Loads what stands around the message that is jumped to, once a jump; where another branch holds it, that one is shown. */
export function useJump(thread: Thread, jump: { messageId: string } | null): void {
  const client = useClient();
  const { show, items, around, state } = thread;
  const searched = useRef<object | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a jump is made once, whatever is loaded afterwards.
  useEffect(() => {
    if (jump !== null) show(jump.messageId);
  }, [jump]);

  useEffect(() => {
    if (jump === null || searched.current === jump) return;
    const { messageId } = jump;
    const isLoaded = items.some(({ id }) => id === messageId);
    if (!isLoaded && (state !== 'ready' || around !== messageId)) return;
    searched.current = jump;
    if (isLoaded) return;
    void client
      .mutation(SelectBranch, { messageId })
      .toPromise()
      .then(({ error }) => {
        if (error) showNotice(problemOf(error).message);
      });
  }, [client, jump, items, around, state]);
}

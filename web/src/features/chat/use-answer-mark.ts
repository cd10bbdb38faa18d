import { useEffect, useRef } from 'react';

const mark = '✓ ';

/** Marks the tab when an answer is done that nobody was looking at, until somebody does: on a slow machine people go elsewhere. */
export function useAnswerMark(isRunning: boolean): void {
  const wasRunning = useRef(isRunning);

  useEffect(() => {
    if (wasRunning.current && !isRunning && document.visibilityState === 'hidden') {
      unmark();
      document.title = mark + document.title;
    }
    wasRunning.current = isRunning;
  }, [isRunning]);

  useEffect(() => {
    const onVisible = () => document.visibilityState === 'visible' && unmark();
    document.addEventListener('visibilitychange', onVisible);
    return () => {
      document.removeEventListener('visibilitychange', onVisible);
      unmark();
    };
  }, []);
}

function unmark(): void {
  if (document.title.startsWith(mark)) document.title = document.title.slice(mark.length);
}

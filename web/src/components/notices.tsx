import { X } from 'lucide-react';
import { useEffect, useSyncExternalStore } from 'react';
import { createStore } from '../lib/store.ts';
import { IconButton } from './icon-button.tsx';

interface Notice {
  text: string;
}

const shownMs = 6_000;
const notice = createStore<Notice | null>(null);

/** Says something at the edge of the page, for a while: what could not be done and why. */
export function showNotice(text: string): void {
  notice.set({ text });
}

export function Notices() {
  const shown = useSyncExternalStore(notice.subscribe, notice.get);

  useEffect(() => {
    if (shown === null) return;
    const timer = setTimeout(() => notice.set(null), shownMs);
    return () => clearTimeout(timer);
  }, [shown]);

  return (
    <div
      role="status"
      // A dialog hides from screen readers all that lies outside it but what says that it is live.
      aria-live="polite"
      data-notices
      className="pointer-events-none fixed inset-x-0 top-[calc(env(safe-area-inset-top)+0.75rem)] z-60 flex justify-center px-4"
    >
      {shown !== null && (
        <div className="appear pointer-events-auto flex max-w-lg items-center gap-2 rounded-xl border border-line bg-raised py-1.5 pr-1.5 pl-4 text-sm shadow-float">
          {shown.text}
          <IconButton icon={X} label="Dismiss" size="small" tipSide="none" onClick={() => notice.set(null)} />
        </div>
      )}
    </div>
  );
}

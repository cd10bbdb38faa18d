import { Dots } from '../../components/dots.tsx';
import { cn } from '../../lib/class-names.ts';
import { queueText } from './queue-text.ts';
import type { ReplyState } from './reply-fold.ts';

/** What happens to a reply that is not done: its place in the queue, how much of the prompt is read, or that it goes on. */
export function ReplyProgress({ reply, hasText }: { reply: ReplyState; hasText: boolean }) {
  const { phase, read } = reply;
  const percent = Math.round((read ?? 0) * 100);
  return (
    <div className={cn('text-ink-soft text-sm', hasText ? 'mt-2' : 'py-1')}>
      <p className="flex items-center gap-2.5">
        <Dots />
        {(!hasText || phase === 'queued' || phase === 'reading') && <span>{progressText(reply)}</span>}
      </p>
      {phase === 'reading' && (
        <div
          role="progressbar"
          aria-label="Reading the conversation"
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={percent}
          className="mt-2 h-1 max-w-64 overflow-hidden rounded-full bg-line"
        >
          <div className="h-full rounded-full bg-accent transition-[width]" style={{ width: `${percent}%` }} />
        </div>
      )}
    </div>
  );
}

function progressText({ phase, position, etaMs, read }: ReplyState): string {
  if (phase === 'queued') return queueText(position, etaMs);
  if (phase === 'reading') return `Reading the conversation, ${Math.round((read ?? 0) * 100)} %`;
  return 'Thinking';
}

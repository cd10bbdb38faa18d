import { CircleAlert, CircleCheck, CircleHelp, CircleMinus, type LucideIcon } from 'lucide-react';
import { cn } from '../../lib/class-names.ts';
import { decimalText } from '../../lib/numbers.ts';
import { spanText } from '../../lib/spans.ts';
import type { PartHealth } from './read-health.ts';
import type { Health } from './use-health.ts';

const names: Record<string, string> = {
  postgres: 'Postgres',
  redis: 'Redis',
  model: 'Models',
  websocket: 'WebSocket',
};

/** What is different while a part is away. */
const consequences: Record<string, string> = {
  postgres: 'Nothing can be read or written until it is back. Replies that run are saved then.',
  redis: 'Chat goes on: answers and news are kept in each process until it is back, and no figure is lost.',
  model: 'Questions are kept and answered once a model is there.',
  websocket: 'Pages follow replies by server-sent events instead.',
};

interface Look {
  icon: LucideIcon;
  word: string;
  className: string;
}

const looks: Record<PartHealth['status'], Look> = {
  ok: { icon: CircleCheck, word: 'works', className: 'text-accent' },
  down: { icon: CircleAlert, word: 'is away', className: 'text-danger' },
  disabled: { icon: CircleMinus, word: 'not used', className: 'text-ink-soft' },
};
const unknown: Look = { icon: CircleHelp, word: 'unknown', className: 'text-ink-soft' };

/** How each part of the portal is doing, in words. */
export function HealthPanel({ health: { parts, isReached } }: { health: Health }) {
  const away = parts.filter(({ status }) => status === 'down').map(({ name }) => names[name] ?? name);
  return (
    <>
      <p
        role="status"
        className={cn('mb-3 text-sm', isReached === false || away.length > 0 ? 'text-danger' : 'sr-only')}
      >
        {summary(isReached, away)}
      </p>
      <ul className="grid gap-3 sm:grid-cols-2 2xl:grid-cols-4">
        {parts.map((part) => (
          <PartCard key={part.name} part={part} isKnown={isReached === true} />
        ))}
      </ul>
    </>
  );
}

function summary(isReached: boolean | null, away: readonly string[]): string {
  if (isReached === null) return 'Asking how each part is doing';
  if (!isReached) return 'The portal cannot be reached; trying again.';
  if (away.length === 0) return 'Every part works.';
  return `${away.join(' and ')} ${away.length === 1 ? 'is' : 'are'} away.`;
}

function PartCard({ part, isKnown }: { part: PartHealth; isKnown: boolean }) {
  const { name, status, latencyMs, message } = part;
  const { icon: Icon, word, className } = isKnown ? looks[status] : unknown;
  return (
    <li className="rounded-xl border border-line bg-surface p-4">
      <div className="flex items-center gap-2">
        <Icon size={17} aria-hidden className={cn('shrink-0', className)} />
        <h3 className="font-medium text-sm">{names[name] ?? name}</h3>
        <span className={cn('text-sm', className)}>{word}</span>
        {isKnown && latencyMs !== null && (
          <span className="ml-auto text-ink-soft text-xs tabular-nums">
            {latencyMs < 1_000 ? `${decimalText(latencyMs)} ms` : spanText(latencyMs)}
          </span>
        )}
      </div>
      {isKnown && message !== null && <p className="mt-1 text-ink-soft text-xs [overflow-wrap:anywhere]">{message}</p>}
      {isKnown && status === 'down' && consequences[name] !== undefined && (
        <p className="mt-1 text-xs">{consequences[name]}</p>
      )}
    </li>
  );
}

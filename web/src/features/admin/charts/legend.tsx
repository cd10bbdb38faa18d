import { cn } from '../../../lib/class-names.ts';
import { type Tone, tones } from './tones.ts';

export interface LegendEntry {
  name: string;
  tone: Tone;
  isDashed?: boolean;
  value?: string;
}

/** What is what in a chart, and how it stands. */
export function Legend({ entries }: { entries: readonly LegendEntry[] }) {
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-0.5 text-ink-soft text-xs">
      {entries.map(({ name, tone, isDashed = false, value }) => (
        <li key={name} className="flex min-w-0 items-center gap-1.5">
          <svg viewBox="0 0 14 4" aria-hidden="true" className={cn('h-1 w-3.5 shrink-0', tones[tone])}>
            <path
              d="M0 2H14"
              stroke="currentColor"
              strokeWidth={isDashed ? 2 : 3}
              strokeDasharray={isDashed ? '4 2' : undefined}
            />
          </svg>
          <span className="min-w-0 [overflow-wrap:anywhere]">{name}</span>
          {value !== undefined && <span className="text-ink tabular-nums">{value}</span>}
        </li>
      ))}
    </ul>
  );
}

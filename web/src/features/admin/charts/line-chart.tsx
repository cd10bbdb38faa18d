import { type PointerEvent, useMemo } from 'react';
import { cn } from '../../../lib/class-names.ts';
import { roughSpan } from '../../../lib/spans.ts';
import { linePath, type Point } from './line-path.ts';
import { type Tone, tones } from './tones.ts';

export interface Line {
  name: string;
  tone: Tone;
  isDashed?: boolean;
  points: readonly Point[];
}

interface Props {
  /** What it shows, in a sentence. */
  label: string;
  lines: readonly Line[];
  from: number;
  to: number;
  top: number;
  topText: string;
  /** The moment under the pointer, marked. */
  pointed: number | null;
  onPoint: (at: number | null) => void;
}

/** Lines over time, drawn as wide as there is room. */
export function LineChart({ label, lines, from, to, top, topText, pointed, onPoint }: Props) {
  const paths = useMemo(() => lines.map(({ points }) => linePath(points, { from, to, top })), [lines, from, to, top]);
  const point = (event: PointerEvent<Element>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    onPoint(from + ((event.clientX - left) / width) * (to - from));
  };
  return (
    <div className="relative">
      <svg
        role="img"
        aria-label={label}
        viewBox="0 0 100 100"
        preserveAspectRatio="none"
        className="h-24 w-full touch-pan-y overflow-visible"
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={() => onPoint(null)}
      >
        <rect width="100" height="100" fill="transparent" />
        <path
          d="M0 0H100M0 50H100M0 100H100"
          className="stroke-line"
          strokeWidth="1"
          vectorEffect="non-scaling-stroke"
        />
        {lines.map(({ name, tone, isDashed = false }, index) => (
          <path
            key={name}
            d={paths[index]}
            fill="none"
            stroke="currentColor"
            strokeWidth={isDashed ? 1.5 : 2}
            strokeDasharray={isDashed ? '5 3' : undefined}
            strokeLinecap="round"
            strokeLinejoin="round"
            vectorEffect="non-scaling-stroke"
            className={cn('pointer-events-none', tones[tone])}
          />
        ))}
        {pointed !== null && (
          <path
            d={`M${(100 * (pointed - from)) / (to - from)} 0V100`}
            className="pointer-events-none stroke-line-strong"
            strokeWidth="1"
            vectorEffect="non-scaling-stroke"
          />
        )}
      </svg>
      <span
        aria-hidden
        className="pointer-events-none absolute top-0.5 left-0 bg-surface/80 pr-1 text-[11px] text-ink-soft leading-tight tabular-nums"
      >
        {topText}
      </span>
      <p aria-hidden className="mt-1 flex justify-between text-[11px] text-ink-soft leading-tight tabular-nums">
        <span>{roughSpan((to - from) / 1_000)} ago</span>
        <span>now</span>
      </p>
    </div>
  );
}

import { type Tone, tones } from './tones.ts';

export interface BarPart {
  name: string;
  tone: Tone;
  value: number;
}

export interface Bar {
  name: string;
  /** What is said of it, under the pointer. */
  title: string;
  /** From the bottom up. */
  parts: readonly BarPart[];
}

interface Props {
  label: string;
  bars: readonly Bar[];
  top: number;
  topText: string;
}

/** Stacked bars, drawn as wide as there is room. */
export function BarChart({ label, bars, top, topText }: Props) {
  return (
    <div className="relative h-40">
      <svg
        role="img"
        aria-label={label}
        viewBox={`0 0 ${bars.length} 100`}
        preserveAspectRatio="none"
        className="size-full"
      >
        <path
          d={`M0 0H${bars.length}M0 50H${bars.length}M0 100H${bars.length}`}
          className="stroke-line"
          strokeWidth="1"
          vectorEffect="non-scaling-stroke"
        />
        {bars.map((bar, index) => (
          <BarColumn key={bar.name} bar={bar} x={index} top={top} />
        ))}
      </svg>
      <span
        aria-hidden
        className="pointer-events-none absolute top-0.5 left-0 bg-surface/80 pr-1 text-[11px] text-ink-soft leading-tight tabular-nums"
      >
        {topText}
      </span>
    </div>
  );
}

function BarColumn({ bar: { title, parts }, x, top }: { bar: Bar; x: number; top: number }) {
  let filled = 0;
  return (
    <g>
      <title>{title}</title>
      <rect x={x} y={0} width={1} height={100} fill="transparent" />
      {parts.map(({ name, tone, value }) => {
        const height = (100 * value) / top;
        filled += height;
        return (
          <rect
            key={name}
            x={x + 0.15}
            y={100 - filled}
            width={0.7}
            height={height}
            fill="currentColor"
            className={tones[tone]}
          />
        );
      })}
    </g>
  );
}

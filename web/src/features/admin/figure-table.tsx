import type { Point } from './charts/line-path.ts';
import { shownMs } from './use-live-figures.ts';

interface Props {
  title: string;
  lines: readonly { name: string; points: readonly Point[] }[];
  now: number;
  textOf: (value: number) => string;
}

const minuteMs = 60_000;

/** What a chart shows, as it stood at the end of each minute, the newest first. */
export function FigureTable({ title, lines, now, textOf }: Props) {
  const last = Math.floor(now / minuteMs);
  const minutes = Array.from({ length: shownMs / minuteMs }, (_, index) => last - index);
  return (
    <table className="w-full text-xs tabular-nums">
      <caption className="sr-only">{title}, at the end of each minute</caption>
      <thead>
        <tr className="text-ink-soft">
          <th scope="col" className="py-0.5 text-left font-normal">
            Minute
          </th>
          {lines.map(({ name }) => (
            <th key={name} scope="col" className="py-0.5 pl-2 text-right font-normal">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {minutes.map((minute) => (
          <tr key={minute} className="border-line border-t">
            <th scope="row" className="py-0.5 text-left font-normal">
              {clock.format(minute * minuteMs)}
            </th>
            {lines.map(({ name, points }) => {
              const value = valueAtEndOf(minute, points);
              return (
                <td key={name} className="py-0.5 pl-2 text-right">
                  {value === null ? '–' : textOf(value)}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });

const valueAtEndOf = (minute: number, points: readonly Point[]): number | null =>
  points.findLast(({ at }) => Math.floor(at / minuteMs) === minute)?.value ?? null;

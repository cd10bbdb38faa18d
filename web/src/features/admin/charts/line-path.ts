/** A value at a moment; null where there is none. */
export interface Point {
  at: number;
  value: number | null;
}

/** The edges of a chart: moments from left to right, values from 0 at the bottom to `top`. */
export interface Frame {
  from: number;
  to: number;
  top: number;
}

/**
 * The line through the points, in the units of a box of 100 by 100, as the `d` of an SVG path. It is broken where a value is
 * missing; a value that stands alone is a line without length, which a round cap makes a dot.
 */
export function linePath(points: readonly Point[], { from, to, top }: Frame): string {
  let path = '';
  let isDrawing = false;
  for (const { at, value } of points) {
    if (value === null || at < from) {
      isDrawing = false;
      continue;
    }
    const place = `${rounded((100 * (at - from)) / (to - from))} ${rounded(100 - (100 * Math.min(value, top)) / top)}`;
    path += isDrawing ? `L${place}` : `M${place}h0`;
    isDrawing = true;
  }
  return path;
}

const rounded = (value: number): number => Math.round(value * 100) / 100;

/** The least of 1, 2 or 5 times a power of ten that holds the value. */
export function roundTop(value: number, least: number): number {
  const wanted = Math.max(value, least);
  const power = 10 ** Math.floor(Math.log10(wanted));
  return [1, 2, 5, 10].map((digit) => digit * power).find((top) => top >= wanted * (1 - 1e-9)) ?? wanted;
}

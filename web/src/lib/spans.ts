import { decimalText, wholeText } from './numbers.ts';

/** A time that is only known roughly: 7 s, 40 s, 2 min, 3 h. */
export function roughSpan(seconds: number): string {
  if (seconds < 10) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 90) return `${Math.round(seconds / 5) * 5} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

/** A time that was measured: 4 ms, 1.2 s, 2 min 5 s. */
export function spanText(ms: number): string {
  if (ms < 1_000) return `${wholeText(ms > 0 ? Math.max(1, Math.round(ms)) : 0)} ms`;
  if (ms < 60_000) return `${decimalText(ms / 1_000)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${wholeText(Math.floor(seconds / 3_600))} h ${Math.floor((seconds % 3_600) / 60)} min`;
}

const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** A size as people compare them: 986 MB, 1.1 GB. */
export function bytesText(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  while (unit < units.length - 1 && value >= 999.5) {
    value /= 1000;
    unit++;
  }
  const digits = unit >= 3 && value < 99.95 ? 1 : 0;
  return `${value.toLocaleString(undefined, { minimumFractionDigits: 0, maximumFractionDigits: digits })} ${units[unit]}`;
}

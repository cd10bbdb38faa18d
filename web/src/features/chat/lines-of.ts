const unitsPerLine = 80;

/** How many lines a text takes where a line holds 80 characters, about. */
export function linesOf(text: string): number {
  return text.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / unitsPerLine)), 0);
}

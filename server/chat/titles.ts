const maxLength = 60;

/** A title for a conversation that begins with this text: its first line that has words, cut at a word's end. */
export function titleFrom(text: string): string {
  const line =
    text
      .split(/\r?\n/)
      .map((candidate) => candidate.replace(/^[\s#>*`-]+/, '').trim())
      .find((candidate) => /[\p{L}\p{N}]/u.test(candidate)) ?? text.trim();
  const words = line.replaceAll(/\s+/g, ' ');
  if (words.length <= maxLength) return words;
  const head = words
    .slice(0, maxLength)
    .toWellFormed()
    .replace(/\uFFFD$/, '');
  const lastSpace = head.lastIndexOf(' ');
  return `${(lastSpace > maxLength / 2 ? head.slice(0, lastSpace) : head).trimEnd()}…`;
}

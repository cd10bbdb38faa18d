/** Marks of a match in what Postgres highlights: control characters, of which `searchable_words` leaves none. */
export const matchStart = '\u0001';
export const matchEnd = '\u0002';

const passageUnits = 200;
/** What stands before the first match of a passage. */
const leadUnits = 60;

/** Where a match stands, in UTF-16 units. */
interface Range {
  start: number;
  end: number;
}

/**
 * The passage of `content` with the most matches as HTML: escaped, with the matches alone in <mark>. `highlighted` is
 * `searchable_words(content)` with marks around the words that match; `grams` are matched as they stand.
 */
export function toSnippet(content: string, highlighted: string, grams: readonly string[]): string {
  const matches = merge([
    ...markedRanges(content, highlighted),
    ...grams.flatMap((gram) => occurrences(content, gram)),
  ]);
  const passage = choosePassage(content, matches);
  let html = passage.start > 0 ? '…' : '';
  let place = passage.start;
  for (const match of matches) {
    const start = Math.max(match.start, passage.start);
    const end = Math.min(match.end, passage.end);
    if (start >= end) continue;
    html += `${escapeHtml(content.slice(place, start))}<mark>${escapeHtml(content.slice(start, end))}</mark>`;
    place = end;
  }
  return html + escapeHtml(content.slice(place, passage.end)) + (passage.end < content.length ? '…' : '');
}

/** The two texts have the same characters, but not the same units: one of two units may have become a space. */
function markedRanges(content: string, highlighted: string): Range[] {
  const ranges: Range[] = [];
  let start = 0;
  let place = 0;
  for (const character of highlighted) {
    if (character === matchStart) start = place;
    else if (character === matchEnd) ranges.push({ start, end: place });
    else place += (content.codePointAt(place) ?? 0) > 0xffff ? 2 : 1;
  }
  return ranges;
}

function occurrences(content: string, gram: string): Range[] {
  const ranges: Range[] = [];
  for (let start = content.indexOf(gram); start >= 0; start = content.indexOf(gram, start + 1)) {
    ranges.push({ start, end: start + gram.length });
  }
  return ranges;
}

/** In order, with those that touch as one: neighbouring pairs of characters make a word. */
function merge(ranges: Range[]): Range[] {
  const merged: Range[] = [];
  for (const range of ranges.sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last !== undefined && range.start <= last.end) last.end = Math.max(last.end, range.end);
    else merged.push({ ...range });
  }
  return merged;
}

function choosePassage(content: string, matches: readonly Range[]): Range {
  let best = { first: 0, last: 0 };
  for (let first = 0, last = 0; first < matches.length; first++) {
    const limit = (matches[first]?.start ?? 0) + passageUnits - leadUnits;
    while ((matches[last + 1]?.end ?? Number.POSITIVE_INFINITY) <= limit) last++;
    if (last - first > best.last - best.first) best = { first, last };
    last = Math.max(last, first + 1);
  }
  const firstMatch = matches[best.first]?.start ?? 0;
  const lastMatch = Math.min(matches[best.last]?.end ?? 0, firstMatch + passageUnits - leadUnits);
  const start = Math.max(0, firstMatch - leadUnits);
  const end = Math.min(content.length, start + passageUnits);
  return { start: startOfWord(content, start, firstMatch), end: endOfWord(content, end, lastMatch) };
}

/** The first place from `from` on where a word begins; with none before `until`, where a character does. */
function startOfWord(content: string, from: number, until: number): number {
  if (from === 0) return 0;
  const gap = content.slice(from, until).search(/\s\S/);
  if (gap >= 0) return from + gap + 1;
  return isInsideCharacter(content, from) ? from + 1 : from;
}

/** The last place up to `from` where a word ends; with none after `until`, where a character does. */
function endOfWord(content: string, from: number, until: number): number {
  if (from === content.length) return from;
  const gap = content.slice(until, from + 1).search(/\s\S*$/);
  if (gap >= 0) return until + gap;
  return isInsideCharacter(content, from) ? from - 1 : from;
}

function isInsideCharacter(content: string, place: number): boolean {
  return (content.codePointAt(place - 1) ?? 0) > 0xffff;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

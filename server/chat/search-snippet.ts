/** Marks of a match in a headline: control characters, which are taken out of the text before. */
export const matchStart = '\u0001';
export const matchEnd = '\u0002';
/** What stands for angle brackets meanwhile: Postgres would drop what looks like a tag. */
export const shieldedBrackets = '\u0003\u0004';

const unitsAround = 80;

/** The headline as HTML: escaped, with the matches alone in <mark>. */
export function toSnippet(headline: string, content: string, unspacedRuns: readonly string[]): string {
  const marked = headline.includes(matchStart) ? headline : (markRuns(content, unspacedRuns) ?? headline);
  const [open = '', close = ''] = shieldedBrackets;
  const whole = marked.replaceAll(open, '<').replaceAll(close, '>');
  return escapeHtml(whole).replaceAll(matchStart, '<mark>').replaceAll(matchEnd, '</mark>');
}

/** The passage around the first run that occurs, every run in it marked; null where none occurs. */
function markRuns(content: string, runs: readonly string[]): string | null {
  const clean = content.replaceAll(matchStart, '').replaceAll(matchEnd, '');
  const places = runs.map((run) => clean.indexOf(run)).filter((place) => place >= 0);
  if (places.length === 0) return null;
  const start = Math.max(0, Math.min(...places) - unitsAround);
  const passage = clean
    .slice(start, Math.min(...places) + 2 * unitsAround)
    .toWellFormed()
    .replaceAll('\uFFFD', '');
  const pattern = new RegExp(runs.map((run) => run.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&')).join('|'), 'gu');
  return passage.replaceAll(pattern, (match) => `${matchStart}${match}${matchEnd}`);
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

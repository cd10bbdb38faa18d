/** What a phrase of `models/guide/facts/` may stand for: `[a|b]` is a choice, `{word}` any synonym of the word. */
export type Synonyms = Readonly<Record<string, readonly string[]>>;

/** A question without what people add and leave out: case, articles' spelling, the mark at its end. */
export function plain(question: string): string {
  return question
    .toLowerCase()
    .replaceAll(/\ban\b/g, 'a')
    .replaceAll(/\s+/g, ' ')
    .replace(/[\s?.!]+$/, '');
}

/** The source of a regular expression that matches whatever the phrase expands to, made `plain`. */
export function patternOf(phrase: string, synonyms: Synonyms, x = ''): string {
  return plain(phrase)
    .replaceAll(/[\\^$.*+?()]/g, '\\$&')
    .replaceAll(' ', ' *')
    .replaceAll(/\{(\w+)\}/g, (whole, word: string) => {
      if (word === 'x') return `(?:${x})`;
      const choices = synonyms[word];
      return choices === undefined ? whole.replaceAll(/[{}]/g, '\\$&') : `(?:${choices.map(plain).join('|')})`;
    })
    .replaceAll('[', '(?:')
    .replaceAll(']', ')');
}

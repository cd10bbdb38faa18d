export interface SentenceReader {
  /** The sentences that this longer text completes; `whole` gives the rest too. */
  read(text: string, whole: boolean): string[];
}

const end = /[.!?…:](?=["')\]*_]*\s)|[。！？]|\n/g;
const marks = /^\s{0,3}(?:#{1,6}\s+|>\s?|[-*+]\s+|```.*$|\|)|[*_`|]+/gm;

/** Cuts a growing answer into pieces that a screen reader can speak without being interrupted at every word. */
export function createSentenceReader(): SentenceReader {
  let spoken = 0;
  return {
    read(text, whole) {
      if (text.length < spoken) spoken = text.length;
      const rest = text.slice(spoken);
      let cut = whole ? rest.length : 0;
      if (!whole) for (const match of rest.matchAll(end)) cut = match.index + match[0].length;
      spoken += cut;
      return rest
        .slice(0, cut)
        .split(/(?<=[.!?…:])\s+|(?<=[。！？])|\n+/)
        .map((sentence) => sentence.replaceAll(marks, '').trim())
        .filter((sentence) => sentence !== '');
    },
  };
}

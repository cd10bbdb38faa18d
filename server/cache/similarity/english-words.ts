import { readFileSync } from 'node:fs';
import wordListPath from 'word-list';

const newline = 10;
let list: Buffer | null = null;

/** Whether English has this word, in any of its forms; lower case without accents. The list is read when first asked for. */
export function isEnglishWord(word: string): boolean {
  list ??= readFileSync(wordListPath);
  const wanted = Buffer.from(word);
  // A search by halves over sorted lines: the list stays one buffer of 2.8 MB, not 274,000 strings.
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const start = list.lastIndexOf(newline, middle - 1) + 1;
    const found = list.indexOf(newline, start);
    const end = found < 0 ? list.length : found;
    const order = Buffer.compare(wanted, list.subarray(start, end));
    if (order === 0) return true;
    if (order < 0) high = start;
    else low = end + 1;
  }
  return false;
}

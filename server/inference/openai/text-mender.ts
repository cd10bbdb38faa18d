/** Makes text of a server fit to be kept: whole characters only, without U+0000. */
export interface TextMender {
  /** What has become certain: half of a surrogate pair waits for the other. */
  push(text: string): string;
  /** What waited in vain. */
  rest(): string;
}

export function createTextMender(): TextMender {
  let held = '';
  const mend = (text: string) => text.toWellFormed().replaceAll('\0', '');
  return {
    push(piece) {
      const text = held + piece;
      const cut = /[\uD800-\uDBFF]$/.test(text) ? text.length - 1 : text.length;
      held = text.slice(cut);
      return mend(text.slice(0, cut));
    },
    rest() {
      const text = held;
      held = '';
      return mend(text);
    },
  };
}

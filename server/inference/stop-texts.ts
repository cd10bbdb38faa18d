export interface StopTexts {
  /** The text that may be shown now, and whether a stop text was met; what follows it is dropped. */
  push(text: string): { text: string; stopped: boolean };
  /** What was held back because it began like a stop text. */
  rest(): string;
}

/** Watches an answer for texts that end it, also where they arrive in several pieces. */
export function createStopTexts(stops: readonly string[]): StopTexts {
  let held = '';
  return {
    push(piece) {
      const text = held + piece;
      const found = stops.map((stop) => text.indexOf(stop)).filter((index) => index >= 0);
      if (found.length > 0) {
        held = '';
        return { text: text.slice(0, Math.min(...found)), stopped: true };
      }
      const certain = text.length - Math.max(0, ...stops.map((stop) => overlap(text, stop)));
      held = text.slice(certain);
      return { text: text.slice(0, certain), stopped: false };
    },
    rest() {
      const text = held;
      held = '';
      return text;
    },
  };
}

/** Length of the longest end of `text` that `stop` begins with. */
function overlap(text: string, stop: string): number {
  for (let length = Math.min(text.length, stop.length - 1); length > 0; length--) {
    if (text.endsWith(stop.slice(0, length))) return length;
  }
  return 0;
}

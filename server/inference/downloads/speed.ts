const windowMs = 5_000;
const sampleMs = 250;

/** How fast something grows, over the last seconds. */
export interface Speed {
  /** Notes how much there is now. */
  note(bytes: number): void;
  /** 0 where nothing came in the last seconds, or there is nothing to compare yet. */
  perSecond(): number;
}

export function createSpeed(now: () => number = () => performance.now()): Speed {
  let samples: { at: number; bytes: number }[] = [];
  let latest = 0;

  return {
    note(bytes) {
      const at = now();
      // Begun anew: what came before was of another file.
      if (bytes < latest) samples = [];
      latest = bytes;
      if (at - (samples.at(-1)?.at ?? Number.NEGATIVE_INFINITY) < sampleMs) return;
      samples.push({ at, bytes });
      samples = samples.filter((sample) => at - sample.at <= windowMs);
    },

    perSecond() {
      const at = now();
      const first = samples.find((sample) => at - sample.at <= windowMs);
      if (first === undefined || at <= first.at) return 0;
      return Math.round(((latest - first.bytes) * 1000) / (at - first.at));
    },
  };
}

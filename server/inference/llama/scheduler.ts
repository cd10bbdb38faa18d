/** One reply as the scheduler sees it: tokens to read, then tokens to draw. */
export interface Stream {
  /** Prompt tokens that are still to be read; 0 once the reply is being generated. */
  readonly unread: number;
  /**
   * Reads up to `tokens` of the prompt, or draws the next token; the piece that ends the prompt draws one too. Submits
   * to the next decode call before it first waits. Resolves to whether there is more to do. Never rejects.
   */
  advance(tokens: number): Promise<boolean>;
}

/** Tokens of prompts that one decode call may read. */
export interface ReadingLimits {
  /** While no reply is being generated. */
  alone: number;
  /** Beside replies that are: each of their tokens waits for these. */
  beside: number;
}

export interface Scheduler {
  /** Takes the stream into the steps; resolves when it has nothing more to do. */
  run(stream: Stream): Promise<void>;
}

/**
 * Steps all streams together: one decode call carries a token of every reply under way, and behind them a slice of the
 * prompts that are being read, oldest first. Streams that each go at their own pace hardly share a call.
 */
export function createScheduler(limits: ReadingLimits): Scheduler {
  const streams = new Map<Stream, () => void>();
  let stepping = false;

  async function step(): Promise<void> {
    const plan = planStep([...streams.keys()], limits);
    await Promise.all(
      plan.map(async ({ stream, tokens }) => {
        if (await stream.advance(tokens)) return;
        const finish = streams.get(stream);
        streams.delete(stream);
        finish?.();
      }),
    );
  }

  async function stepWhileNeeded(): Promise<void> {
    if (stepping) return;
    stepping = true;
    try {
      while (streams.size > 0) await step();
    } finally {
      stepping = false;
    }
  }

  return {
    run: (stream) =>
      new Promise((finish) => {
        streams.set(stream, finish);
        void stepWhileNeeded();
      }),
  };
}

/** Who takes part in the next decode call, and with how many tokens. */
export function planStep(streams: readonly Stream[], limits: ReadingLimits): { stream: Stream; tokens: number }[] {
  const generating = streams.filter((stream) => stream.unread === 0);
  const plan = generating.map((stream) => ({ stream, tokens: 1 }));
  let room = generating.length > 0 ? limits.beside : limits.alone;
  for (const stream of streams) {
    if (stream.unread === 0 || room === 0) continue;
    const tokens = Math.min(stream.unread, room);
    plan.push({ stream, tokens });
    room -= tokens;
  }
  return plan;
}

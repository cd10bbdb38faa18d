import { pause } from '../pause.ts';
import type { Claim } from './reply-claims.ts';
import { type AbortReason, type ReplyRunParts, runReply } from './reply-run.ts';
import { logAfterEndMs, replyTopics } from './reply-topics.ts';

const pollMs = 2_000;
const heartbeatMs = 2_000;
/** A claim whose owner was silent for so long is free: several heartbeats, and well within the promised 15 s. */
const staleMs = 8_000;

export interface ReplyRunner {
  start(): void;
  /** Takes nothing more, gives what runs `graceMs` to end, then saves it for whoever comes next. */
  stop(graceMs: number): Promise<void>;
}

/** Takes replies from the queue and runs up to `concurrency` of them at once. */
export function createReplyRunner(options: Omit<ReplyRunParts, 'closing'> & { concurrency: number }): ReplyRunner {
  const ending = new AbortController();
  const parts: ReplyRunParts = { ...options, closing: ending.signal };
  const { claims, tokenLog, wakeUp, logger, concurrency } = options;
  const running = new Map<string, { claim: Claim; controller: AbortController; done: Promise<void> }>();
  const closing = new AbortController();
  let loops: Promise<unknown> = Promise.resolve();

  function abort(messageId: string, reason: AbortReason): void {
    running.get(messageId)?.controller.abort(reason);
  }

  function run(claim: Claim): void {
    const controller = new AbortController();
    if (claim.stopRequested) controller.abort('stopped' satisfies AbortReason);
    const done = runReply(parts, claim, controller).finally(() => {
      running.delete(claim.messageId);
      wakeUp.notify(replyTopics.queue);
    });
    running.set(claim.messageId, { claim, controller, done });
  }

  /** Tells those that wait their place; the numbers stand below those of any attempt. */
  const places = new Map<string, { position: number; seq: number }>();
  async function tellPlaces(): Promise<void> {
    const waiting = running.size < concurrency ? [] : await claims.waiting(1000);
    for (const id of places.keys()) {
      if (waiting.includes(id)) continue;
      places.delete(id);
      if (!running.has(id)) await tokenLog.expire(id, logAfterEndMs);
    }
    for (const [index, id] of waiting.entries()) {
      const position = index + 1;
      const known = places.get(id);
      if (known?.position === position) continue;
      const seq = (known?.seq ?? 0) + 1;
      places.set(id, { position, seq });
      await tokenLog.append(id, { type: 'queued', seq, position, etaMs: null });
      wakeUp.notify(replyTopics.of(id), 'text');
    }
  }

  async function takeFromQueue(): Promise<void> {
    const listener = wakeUp.listen(replyTopics.queue);
    try {
      while (!closing.signal.aborted) {
        await attempt(async () => {
          const free = concurrency - running.size;
          if (free > 0) for (const claim of await claims.take(free)) run(claim);
          await tellPlaces();
        });
        await listener.next({ timeoutMs: pollMs, signal: closing.signal });
      }
    } finally {
      listener.close();
    }
  }

  async function listenForStops(): Promise<void> {
    const listener = wakeUp.listen(replyTopics.stops);
    try {
      while (!closing.signal.aborted) {
        for (const id of await listener.next({ signal: closing.signal })) abort(id, 'stopped');
      }
    } finally {
      listener.close();
    }
  }

  /** Keeps our claims alive, and frees those of owners that are gone. */
  async function beat(): Promise<void> {
    while (!closing.signal.aborted) {
      await attempt(async () => {
        if (running.size > 0) for (const id of await claims.heartbeat([...running.keys()])) abort(id, 'stopped');
        const freed = await claims.reapStale(staleMs);
        if (freed > 0) wakeUp.notify(replyTopics.queue);
      });
      await pause(heartbeatMs, closing.signal);
    }
  }

  async function attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      logger.warn({ err: error }, 'the queue of replies cannot be read; trying again');
    }
  }

  return {
    start() {
      loops = Promise.all([takeFromQueue(), listenForStops(), beat()]);
    },

    async stop(graceMs) {
      closing.abort();
      await loops;
      const ends = Promise.all([...running.values()].map((entry) => entry.done));
      const timer = setTimeout(() => {
        ending.abort();
        for (const id of running.keys()) abort(id, 'shutdown');
      }, graceMs);
      await ends;
      clearTimeout(timer);
    },
  };
}

import { pause } from '../pause.ts';
import type { Claim } from './reply-claims.ts';
import type { ReplyOwners } from './reply-owners.ts';
import { createReplyPlaces } from './reply-places.ts';
import type { ReplyQueue, Waiting } from './reply-queue.ts';
import { type AbortReason, type ReplyRunParts, runReply } from './reply-run.ts';
import { replyTopics } from './reply-topics.ts';
import { estimateWaits } from './wait-estimate.ts';

const pollMs = 2_000;
const heartbeatMs = 1_000;
/** Those further behind learn their place when they come nearer. */
const mostTold = 1000;
/** Of a reply whose model is not at it yet. */
const unknownCourse = { drawn: 0, maxTokens: Number.POSITIVE_INFINITY, unread: null };

export interface ReplyRunner {
  start(): void;
  /** Takes nothing more, gives what runs `graceMs` to end, then saves it for whoever comes next. */
  stop(graceMs: number): Promise<void>;
}

interface Options extends Omit<ReplyRunParts, 'closing'> {
  queue: ReplyQueue;
  owners: ReplyOwners;
  concurrency: number;
}

/**
 * Takes replies from the queue and runs up to `concurrency` of them at once. One that was in an engine crash runs with
 * nothing beside it: a second crash then shows whose fault it is.
 */
export function createReplyRunner(options: Options): ReplyRunner {
  const ending = new AbortController();
  const parts: ReplyRunParts = { ...options, closing: ending.signal };
  const { claims, engine, queue, owners, pace, wakeUp, logger, concurrency } = options;
  const places = createReplyPlaces(options);
  const running = new Map<string, { claim: Claim; controller: AbortController; done: Promise<void> }>();
  /** Aborts when nothing more is taken. */
  const closing = new AbortController();
  /** Aborts when nothing runs any more. */
  const quiet = new AbortController();
  let taking: Promise<void> = Promise.resolve();
  let loops: Promise<unknown> = Promise.resolve();

  function abort(messageId: string, reason: AbortReason): void {
    running.get(messageId)?.controller.abort(reason);
  }

  function run(claim: Claim): void {
    // Lost while this process hung, and taken anew: what runs of it writes for nobody.
    abort(claim.messageId, 'shutdown');
    const controller = new AbortController();
    if (claim.stopRequested) controller.abort('stopped' satisfies AbortReason);
    const done = runReply(parts, claim, controller).finally(() => {
      // A claim that was given back may have been taken anew before this one was done with it.
      if (running.get(claim.messageId)?.controller === controller) running.delete(claim.messageId);
      wakeUp.notify(replyTopics.queue);
    });
    running.set(claim.messageId, { claim, controller, done });
  }

  /** How many more may be taken: none beside one that runs alone. */
  function free(): number {
    if ([...running.values()].some(({ claim }) => claim.crashes > 0)) return 0;
    return capacity() - running.size;
  }

  /** Replies at once: a model that found no memory for all its sequences takes fewer, and who waits does so in the queue. */
  function capacity(): number {
    return Math.min(concurrency, engine.status().loaded?.sequences ?? concurrency);
  }

  /** Answers when to look again, unless something happens before. */
  async function takeThoseWhoseTurnItIs(): Promise<number> {
    const [count, idle] = [free(), running.size === 0];
    const taken = count > 0 ? await queue.take(count, idle) : null;
    for (const claim of taken?.claims ?? []) run(claim);
    const waiting = taken?.left === 0 ? [] : await queue.waiting(mostTold);
    await places.tell(waiting, likelyWaits(waiting), (id) => running.has(id));
    return taken?.lookAgainMs ?? pollMs;
  }

  /** Of several portals each serves its share of the line. */
  function likelyWaits(waiting: readonly Waiting[]): number[] | null {
    const measured = pace.of(capacity());
    if (measured === null) return null;
    const share = Math.max(1, waiting[0]?.takers ?? 1);
    const underWay = [...running.values()].map(({ claim }) => ({
      ...(pace.underWay(claim.messageId) ?? unknownCourse),
      alone: claim.crashes > 0,
    }));
    const line = waiting.filter((_, index) => index % share === 0);
    const waits = estimateWaits(measured, capacity(), underWay, line);
    return waiting.map((_, index) => waits[Math.floor(index / share)] ?? 0);
  }

  async function takeFromQueue(): Promise<void> {
    const listener = wakeUp.listen(replyTopics.queue);
    try {
      while (!closing.signal.aborted) {
        const timeoutMs = (await attempt(takeThoseWhoseTurnItIs)) ?? pollMs;
        await listener.next({ timeoutMs, signal: closing.signal });
      }
    } finally {
      listener.close();
    }
  }

  async function listenForStops(): Promise<void> {
    const listener = wakeUp.listen(replyTopics.stops);
    try {
      while (!quiet.signal.aborted) {
        for (const id of await listener.next({ signal: quiet.signal })) abort(id, 'stopped');
      }
    } finally {
      listener.close();
    }
  }

  /** Keeps our claims alive, and frees those of owners that are gone. */
  async function beat(): Promise<void> {
    while (!quiet.signal.aborted) {
      await attempt(async () => {
        if (running.size > 0) for (const id of await claims.heartbeat([...running.keys()])) abort(id, 'stopped');
        if ((await owners.reap()) > 0) wakeUp.notify(replyTopics.queue);
      });
      await pause(heartbeatMs, quiet.signal);
    }
  }

  /** Null where it failed. */
  async function attempt<Result>(work: () => Promise<Result>): Promise<Result | null> {
    try {
      return await work();
    } catch (error) {
      logger.warn({ err: error }, 'the queue of replies cannot be read; trying again');
      return null;
    }
  }

  return {
    start() {
      taking = takeFromQueue();
      loops = Promise.all([taking, listenForStops(), beat()]);
    },

    async stop(graceMs) {
      closing.abort();
      await taking;
      const ends = Promise.all([...running.values()].map((entry) => entry.done));
      const timer = setTimeout(() => {
        ending.abort();
        for (const id of running.keys()) abort(id, 'shutdown');
      }, graceMs);
      await ends;
      clearTimeout(timer);
      quiet.abort();
      await loops;
    },
  };
}

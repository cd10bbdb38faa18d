import { v4 as uuid } from 'uuid';
import { type ErrorDetails, errorCodes, PortalError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { CallLost, type Calls, type CallWork } from './calls.ts';
import type { RedisConnection } from './redis.ts';

const callsOf = (process: string) => `portal:calls:${process}`;
const answersOf = (process: string) => `portal:answers:${process}`;

/** Said while there is nothing else to say. */
const beatMs = 1_000;
const silentForMs = 5_000;

type Request = { id: string; from: string; what: string; input: unknown } | { id: string; cancel: true };

/** Pieces are numbered: what Pub/Sub loses is missed. */
type Answer =
  | { id: string; number: number; piece: unknown }
  | { id: string; number: number; end: true }
  | { id: string; number: number; error: { code: string; message: string; details: ErrorDetails } }
  | { id: string; beat: true };

interface Asked {
  push(answer: Answer): void;
}

/**
 * Calls by Redis' Pub/Sub, a channel for each process. Publishing tells how many heard it: a process that is gone is known at
 * once, on either side.
 */
export function createRedisCalls(
  { commands, subscriber, isUp }: Pick<RedisConnection, 'commands' | 'subscriber' | 'isUp'>,
  logger: Logger,
): Calls {
  const ourselves = uuid();
  const asked = new Map<string, Asked>();
  const working = new Map<string, AbortController>();
  const answering = new Map<string, CallWork>();
  let subscribed: Promise<unknown> | null = null;

  subscriber.on('message', (channel: string, message: string) => {
    if (channel === answersOf(ourselves)) {
      const answer = JSON.parse(message) as Answer;
      asked.get(answer.id)?.push(answer);
      return;
    }
    const work = answering.get(channel);
    if (work === undefined) return;
    const request = JSON.parse(message) as Request;
    if ('cancel' in request) working.get(request.id)?.abort();
    else void serve(work, request);
  });

  /** Says how many processes heard it. */
  async function publish(channel: string, message: Request | Answer): Promise<number> {
    if (!isUp()) throw new CallLost('Redis cannot be reached.');
    try {
      return await commands.publish(channel, JSON.stringify(message));
    } catch (error) {
      throw new CallLost('Redis cannot be reached.', { cause: error });
    }
  }

  async function serve(work: CallWork, { id, from, what, input }: Exclude<Request, { cancel: true }>): Promise<void> {
    const controller = new AbortController();
    working.set(id, controller);
    let number = 0;
    const tell = async (answer: Answer) => {
      if ((await publish(answersOf(from), answer)) === 0) throw new CallLost('Nobody listens any more.');
    };
    const beat = setInterval(() => tell({ id, beat: true }).catch(() => controller.abort()), beatMs);
    try {
      await tell({ id, beat: true });
      for await (const piece of work(what, input, controller.signal)) await tell({ id, number: ++number, piece });
      await tell({ id, number: ++number, end: true });
    } catch (error) {
      controller.abort();
      if (!(error instanceof PortalError) && !(error instanceof CallLost)) {
        logger.error({ err: error, call: what }, 'a call of another process failed');
      }
      const answer: Answer = { id, number: ++number, error: wordsOf(error) };
      await tell(answer).catch(() => undefined);
    } finally {
      clearInterval(beat);
      working.delete(id);
    }
  }

  async function listenForAnswers(): Promise<void> {
    if (!isUp()) throw new CallLost('Redis cannot be reached.');
    subscribed ??= subscriber.subscribe(answersOf(ourselves));
    try {
      await heard(subscribed);
    } catch (error) {
      subscribed = null;
      throw new CallLost('Redis cannot be reached.', { cause: error });
    }
  }

  async function* ask(
    process: string,
    what: string,
    input: unknown,
    signal: AbortSignal,
  ): AsyncGenerator<unknown, void> {
    signal.throwIfAborted();
    const id = uuid();
    const arrived: Answer[] = [];
    let wake = () => {};
    asked.set(id, {
      push(answer) {
        arrived.push(answer);
        wake();
      },
    });
    const awaken = () => wake();
    signal.addEventListener('abort', awaken, { once: true });
    let ended = false;
    try {
      await listenForAnswers();
      if ((await publish(callsOf(process), { id, from: ourselves, what, input })) === 0) {
        ended = true;
        throw new CallLost('The process that was asked is gone.');
      }
      for (let next = 1; ; ) {
        const answer = arrived.shift();
        signal.throwIfAborted();
        if (answer === undefined) {
          await heard(new Promise<void>((resolve) => (wake = resolve)));
          continue;
        }
        if ('beat' in answer) continue;
        if (answer.number !== next++) throw new CallLost('A piece of the answer was lost on the way.');
        if ('piece' in answer) yield answer.piece;
        else {
          ended = true;
          if ('error' in answer) throw errorOf(answer.error);
          return;
        }
      }
    } finally {
      signal.removeEventListener('abort', awaken);
      asked.delete(id);
      if (!ended) await publish(callsOf(process), { id, cancel: true }).catch(() => undefined);
    }
  }

  return {
    ask,
    answer(process, work) {
      const channel = callsOf(process);
      answering.set(channel, work);
      // Said again by the client after each reconnection.
      subscriber.subscribe(channel).catch(() => undefined);
      return {
        async close() {
          answering.delete(channel);
          for (const controller of working.values()) controller.abort();
          if (isUp()) await heard(subscriber.unsubscribe(channel)).catch(() => undefined);
        },
      };
    },
  };
}

/** The same, unless it takes longer than a living process is silent. */
function heard<Result>(promise: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new CallLost('The process that was asked does not answer.')), silentForMs);
  });
  return Promise.race([promise, silence]).finally(() => clearTimeout(timer));
}

function wordsOf(error: unknown) {
  if (!(error instanceof PortalError)) {
    return {
      code: 'internal',
      message: 'Something went wrong inside the portal; the log has the details.',
      details: {},
    };
  }
  const { cause: _, ...details } = error.details;
  return { code: error.code, message: error.message, details };
}

function errorOf({ code, message, details }: Extract<Answer, { error: unknown }>['error']): PortalError {
  return new PortalError(errorCodes.find((known) => known === code) ?? 'internal', message, details);
}

import { createHash } from 'node:crypto';
import { PortalError } from '../../errors.ts';
import type { Logger } from '../../logger.ts';
import { pause } from '../../pause.ts';
import { CallLost, type Calls } from '../../stores/calls.ts';
import type { Worker } from './worker-directory.ts';

interface Parts {
  /** Null where there is no Redis: nobody can be asked. */
  calls: Calls | null;
  logger: Logger;
}

/** The one piece of a worker that would have to let a call wait. */
export const busy = 'busy';

const lookMs = 1_000;

export type WorkerView = ReturnType<typeof createWorkerView>;

/** The processes that hold models, as one that holds none sees and asks them. */
export function createWorkerView({ calls, logger }: Parts) {
  let seen: Worker[] = [];
  let read = async (): Promise<Worker[]> => [];

  async function look(): Promise<void> {
    try {
      seen = await read();
    } catch (error) {
      logger.debug({ err: error }, 'the workers cannot be read; what was known of them stands');
    }
  }

  const living = () => seen.filter((worker) => worker.living);

  /** Each key has an order of its own that stays while workers come and go (rendezvous hashing, Thaler and Ravishankar 1996). */
  function inOrderOf(key: string): Worker[] {
    const weight = ({ owner }: Worker) => createHash('sha256').update(`${key} ${owner}`).digest('hex');
    return living().sort((a, b) => (weight(a) < weight(b) ? -1 : 1));
  }

  async function* ask(
    worker: Worker,
    what: string,
    input: unknown,
    signal: AbortSignal,
  ): AsyncGenerator<unknown, void> {
    if (calls === null) throw nobody();
    yield* calls.ask(worker.owner, what, input, signal);
  }

  /** False where the worker cannot take it and nothing was yielded. */
  async function* tryAt(
    worker: Worker,
    what: string,
    input: object,
    signal: AbortSignal,
  ): AsyncGenerator<unknown, boolean> {
    let begun = false;
    try {
      for await (const piece of ask(worker, what, input, signal)) {
        if (piece === busy) return false;
        begun = true;
        yield piece;
      }
      return true;
    } catch (error) {
      if (!(error instanceof CallLost)) throw error;
      logger.warn({ err: error, worker: worker.owner, call: what }, 'a worker did not answer');
      if (begun) throw lost();
      return false;
    }
  }

  return {
    /** Looks again every second until the signal aborts; resolves after the first look. */
    async watch(readAll: () => Promise<Worker[]>, signal: AbortSignal): Promise<void> {
      read = readAll;
      const goOn = async () => {
        for (; !signal.aborted; await look()) await pause(lookMs, signal);
      };
      await look();
      void goOn();
    },

    look,
    living,

    /** Those that live or, where none does, all that were there within a day: what they held will be held again. */
    known: (): Worker[] => (living().length > 0 ? living() : seen),

    /**
     * Asks one of them: for each key the same, which then has in memory what went before; another where that one is busy or
     * gone; and where all are busy, the first of them to wait there. Throws what the work throws, `model_unavailable` where nobody
     * answers, and the signal's reason.
     */
    async *askOne(what: string, key: string, input: object, signal: AbortSignal): AsyncGenerator<unknown, void> {
      const workers = inOrderOf(key);
      for (const unlessBusy of [true, false]) {
        for (const worker of workers) {
          if (yield* tryAt(worker, what, { ...input, unlessBusy }, signal)) return;
        }
      }
      throw nobody();
    },

    /** Asks all of them at once; what each answered in one piece. One that is lost meanwhile is left out. Throws `model_unavailable` where none is left. */
    async askAll(what: string, input: object, signal: AbortSignal): Promise<{ worker: Worker; answer: unknown }[]> {
      const answers = await Promise.all(
        living().map(async (worker) => {
          let answer: unknown = null;
          try {
            for await (const piece of ask(worker, what, input, signal)) answer = piece;
            return [{ worker, answer }];
          } catch (error) {
            if (error instanceof CallLost) return [];
            throw error;
          }
        }),
      );
      if (answers.flat().length === 0) throw nobody();
      return answers.flat();
    },

    ask,
  };
}

function nobody(): PortalError {
  return new PortalError('model_unavailable', 'No process that holds models can be reached; try again in a moment.', {
    retryAfterSeconds: 5,
  });
}

function lost(): PortalError {
  return new PortalError('model_unavailable', 'The process that wrote this answer was lost; ask again.', {
    retryAfterSeconds: 5,
  });
}

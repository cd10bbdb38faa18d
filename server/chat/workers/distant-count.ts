import { PortalError } from '../../errors.ts';
import type { CountPrompt } from '../message-room.ts';
import type { WorkerView } from './worker-view.ts';

/** Lets a worker count, one that has the model loaded where there is one. What nobody can count now is found when the reply runs. */
export function createDistantCount({ view }: { view: WorkerView }): CountPrompt {
  return async ({ name }, prompt, signal) => {
    try {
      for await (const piece of view.askOne('count', name, { name, prompt }, signal)) {
        return piece as Awaited<ReturnType<CountPrompt>>;
      }
      return null;
    } catch (error) {
      if (signal.aborted || error instanceof PortalError) return null;
      throw error;
    }
  };
}

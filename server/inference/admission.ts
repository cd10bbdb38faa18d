import { EngineError, type LoadedModel, type ModelFile } from './engine.ts';

/** A place at the loaded model. While it is held the model stays. */
export interface Place {
  model: LoadedModel;
  leave(): void;
}

export interface AdmissionOptions {
  /** Makes this model the loaded one, or none; called only while nobody holds a place. */
  swap: (model: ModelFile | null) => Promise<LoadedModel | null>;
  /** Called when nobody holds a place or waits any more, and when that ends. */
  onQuiet?: () => void;
  onStir?: () => void;
}

export interface Admission {
  /**
   * Waits, in order of arrival, until the model is loaded; for a `reply`, until one of its sequences is free too. Rejects
   * with the signal's reason where that aborts first, and with the EngineError of a load that fails.
   */
  enter(model: ModelFile, kind: 'reply' | 'question', signal?: AbortSignal): Promise<Place>;
  /** Lets the model go once those before have left. Rejects with the signal's reason where that aborts first. */
  empty(signal?: AbortSignal): Promise<void>;
  /** The loaded model is gone, and with it every place; rejects everyone who waits. */
  reset(errorFor: (model: ModelFile | null) => EngineError): void;
}

interface Waiting {
  model: ModelFile | null;
  kind: 'reply' | 'question';
  admit(place: Place | null): void;
  reject(error: unknown): void;
}

/**
 * Who may use the model, and when it is swapped: strictly in order of arrival, so that newcomers for the loaded model do
 * not starve those who wait for another.
 */
export function createAdmission({ swap, onQuiet, onStir }: AdmissionOptions): Admission {
  let loaded: { path: string; info: LoadedModel } | null = null;
  let waiting: Waiting[] = [];
  let held = 0;
  let replies = 0;
  let swapping = false;
  /** Places and swaps of before a reset belong to a child that is gone. */
  let generation = 0;

  function pump(): void {
    while (!swapping && admitNext());
    const first = waiting[0];
    if (swapping || held > 0) return;
    if (first === undefined) onQuiet?.();
    else if (!isLoaded(first.model)) void swapTo(first.model);
  }

  /** Lets in the first who may go; questions pass replies that wait for a sequence. */
  function admitNext(): boolean {
    const full = loaded === null || replies >= loaded.info.sequences;
    for (const [index, next] of waiting.entries()) {
      if (!isLoaded(next.model)) return false;
      if (next.kind === 'reply' && full) continue;
      waiting.splice(index, 1);
      next.admit(loaded === null ? null : place(loaded.info, next.kind));
      return true;
    }
    return false;
  }

  function isLoaded(model: ModelFile | null): boolean {
    return model?.path === loaded?.path;
  }

  function place(model: LoadedModel, kind: Waiting['kind']): Place {
    const own = generation;
    let left = false;
    held++;
    if (kind === 'reply') replies++;
    return {
      model,
      leave() {
        if (left || own !== generation) return;
        left = true;
        held--;
        if (kind === 'reply') replies--;
        pump();
      },
    };
  }

  async function swapTo(model: ModelFile | null): Promise<void> {
    const own = generation;
    swapping = true;
    loaded = null;
    try {
      const info = await swap(model);
      if (own !== generation) return;
      loaded = model === null || info === null ? null : { path: model.path, info };
    } catch (error) {
      if (own !== generation) return;
      // All who wait for it: loading it again at once would fail again.
      const refused = waiting.filter((entry) => entry.model?.path === model?.path);
      waiting = waiting.filter((entry) => !refused.includes(entry));
      for (const entry of refused) entry.reject(error);
    } finally {
      if (own === generation) {
        swapping = false;
        pump();
      }
    }
  }

  function wait(model: ModelFile | null, kind: Waiting['kind'], signal?: AbortSignal): Promise<Place | null> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const forget = () => signal?.removeEventListener('abort', onAbort);
      const entry: Waiting = {
        model,
        kind,
        admit: (granted) => {
          forget();
          resolve(granted);
        },
        reject: (error) => {
          forget();
          reject(error);
        },
      };
      const onAbort = () => {
        waiting = waiting.filter((other) => other !== entry);
        reject(signal?.reason);
        pump();
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      waiting.push(entry);
      onStir?.();
      pump();
    });
  }

  return {
    async enter(model, kind, signal) {
      const granted = await wait(model, kind, signal);
      if (granted === null) throw new EngineError('stopped', 'The model was let go.');
      return granted;
    },
    async empty(signal) {
      await wait(null, 'question', signal);
    },
    reset(errorFor) {
      const refused = waiting;
      waiting = [];
      generation++;
      held = 0;
      replies = 0;
      swapping = false;
      loaded = null;
      for (const entry of refused) entry.reject(errorFor(entry.model));
    },
  };
}

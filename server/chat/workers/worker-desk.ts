import type { Catalog } from '../../inference/catalog.ts';
import type { Downloads } from '../../inference/downloads.ts';
import { type Engine, EngineError, type ModelFile, type PromptMessage } from '../../inference/engine.ts';
import type { CallWork } from '../../stores/calls.ts';
import type { CompletionInput, Completions } from '../completions.ts';
import type { EmbeddingInput, Embeddings } from '../embeddings.ts';
import { countPrompt } from '../message-room.ts';
import type { Turns } from '../turns.ts';
import type { CompletionPiece } from './distant-answers.ts';
import { busy } from './worker-view.ts';

interface Parts {
  engine: Engine;
  catalog: Catalog;
  downloads: Downloads;
  completions: Completions;
  embeddings: Embeddings;
  /** Of completions, and of embeddings. */
  turns: Pick<Turns, 'free'>;
  embeddingTurns: Pick<Turns, 'free'>;
  /** Tells the others how the engine is now. */
  announce: () => Promise<void>;
}

/** Whoever asks is a process of this portal, whose rules have checked what is asked for. */
interface Asked {
  unlessBusy?: boolean;
  viewerId: string;
  name: string;
  id: string;
}

/** What a process that holds models does for those that hold none. */
export function createWorkerDesk(parts: Parts): CallWork {
  const { engine, catalog, downloads, embeddings, turns, embeddingTurns, announce } = parts;

  return async function* work(what, given, signal) {
    const asked = given as Asked;
    switch (what) {
      case 'complete':
        if (asked.unlessBusy === true && !turns.free()) yield busy;
        else yield* complete(parts, asked as Asked & { input: CompletionInput }, signal);
        return;
      case 'embed':
        if (asked.unlessBusy === true && !embeddingTurns.free()) yield busy;
        else {
          const { input, viewerId } = asked as Asked & { input: EmbeddingInput };
          yield await embeddings.embed({ id: viewerId }, input, signal);
        }
        return;
      case 'count': {
        const { name, prompt } = asked as Asked & { prompt: PromptMessage[] };
        const model = await catalog.find(name);
        yield model && (await countPrompt(engine, model, prompt, signal));
        return;
      }
      case 'load':
        yield await load(parts, asked.name, signal);
        return;
      case 'unload':
        await engine.unload(signal);
        await announce();
        yield null;
        return;
      case 'forget-catalog':
        yield catalog.forget();
        return;
      case 'downloads':
        yield { downloads: await downloads.list() };
        return;
      case 'pull':
        yield await downloads.pull(asked.name);
        return;
      case 'cancel-download':
        yield await downloads.cancel(asked.id);
        return;
      case 'follow-download':
        yield* (await downloads.follow(asked.id, signal)) ?? [];
        return;
      default:
        throw new Error(`Nobody does ${what} here.`);
    }
  };
}

async function load({ engine, catalog, announce }: Parts, name: string, signal: AbortSignal): Promise<unknown> {
  const model: ModelFile | null = await catalog.find(name);
  if (model === null) return { problem: `The model ${name} is not in the models folder of every process.` };
  try {
    const loaded = await engine.load(model, signal);
    await announce();
    return loaded;
  } catch (error) {
    if (error instanceof EngineError) return { problem: error.message };
    throw error;
  }
}

/** An answer as it is written, for whoever asked. */
async function* complete(
  { completions }: Parts,
  { viewerId, input }: Asked & { input: CompletionInput },
  signal: AbortSignal,
): AsyncGenerator<CompletionPiece, void> {
  const pieces: CompletionPiece[] = [];
  let ended = false;
  let wake = () => {};
  const push = (piece: CompletionPiece) => {
    pieces.push(piece);
    wake();
  };
  const listener = { onBegun: (begun: string) => push({ begun }), onText: (text: string) => push({ text }) };
  const answer = completions.complete({ id: viewerId }, input, listener, signal).finally(() => {
    ended = true;
    wake();
  });
  // It is thrown below, where it is waited for.
  answer.catch(() => {});
  while (!ended || pieces.length > 0) {
    yield* pieces.splice(0);
    if (ended || pieces.length > 0) continue;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
  yield { done: await answer };
}

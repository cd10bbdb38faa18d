/**
 * The process that holds llama.cpp: it may crash or block, and the server goes on. Started by `model-process.ts`; it ends
 * when the server does.
 */
import type { Llama } from 'node-llama-cpp';
import { EngineError, type ModelFile } from '../engine.ts';
import type { EmbedderInMemory } from './load-embedder.ts';
import type { ModelInMemory } from './loaded-model.ts';
import type { FromChild, ToChild } from './protocol.ts';

let llama: Llama | null = null;
let model: ModelInMemory | null = null;
/** The one whose states are being put away: what it is told to forget meanwhile must not be kept. */
let leaving: ModelInMemory | null = null;
let embedder: EmbedderInMemory | null = null;
/** The first error that llama.cpp reported of the present load. */
let complaint: string | null = null;
const outbox: FromChild[] = [];
const running = new Map<number, { cancel: AbortController; ended: Promise<void> }>();

// Nothing here is worth a clean end, and one that waits for a decode would outlive the server.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// Ctrl-C reaches this process too; the server decides when it ends.
process.on('SIGINT', () => undefined);
process.on('message', (message: ToChild) => {
  switch (message.type) {
    case 'ping':
      return send({ type: 'pong' });
    case 'cancel':
      return running.get(message.id)?.cancel.abort();
    default:
      handle(message).catch((error: unknown) => fail(message, error));
  }
});
// The library tries its binaries in a process of its own, which needs none of our options.
process.execArgv.length = 0;
send({ type: 'ready' });

async function handle(message: Exclude<ToChild, { type: 'ping' | 'cancel' }>): Promise<void> {
  const { id } = message;
  switch (message.type) {
    case 'load':
      model = await load(message);
      return send({ type: 'loaded', id, model: model.info });
    case 'loadEmbedder':
      embedder = await loadEmbedder(message);
      return send({ type: 'loaded', id, model: embedder.info });
    case 'measure':
      return send({ type: 'measured', id, tokens: loadedEmbedder().countTokens(message.text) });
    case 'embed':
      return send({ type: 'embedded', id, vector: await loadedEmbedder().embed(message.text) });
    case 'unload':
      await unload();
      return send({ type: 'unloaded', id });
    case 'count':
      return send({ type: 'counted', id, tokens: loadedModel().countPromptTokens(message.messages) });
    case 'forget':
      await (model ?? leaving)?.forget(message.conversation);
      return send({ type: 'forgotten', id });
    case 'tokenize':
      return send({ type: 'tokenized', id, tokens: loadedModel().tokenize(message.text) });
    case 'generate': {
      const cancel = new AbortController();
      const ended = loadedModel().generate(message.request, cancel.signal, (event) =>
        send({ type: 'event', id, event }),
      );
      running.set(id, { cancel, ended });
      await ended.finally(() => running.delete(id));
    }
  }
}

async function load({ model: file, settings }: Extract<ToChild, { type: 'load' }>): Promise<ModelInMemory> {
  await unload();
  // Only now: a process without a model stays small.
  const library = await import('./load-model.ts');
  llama ??= await library.loadLlama(settings, report);
  return explain(file, library.loadModel(llama, file, settings, report));
}

async function loadEmbedder({
  model: file,
  settings,
}: Extract<ToChild, { type: 'loadEmbedder' }>): Promise<EmbedderInMemory> {
  await unload();
  const library = await import('./load-model.ts');
  llama ??= await library.loadLlama(settings, report);
  const embedders = await import('./load-embedder.ts');
  return explain(file, embedders.loadEmbedder(llama, file, settings));
}

/** The library says only that a load failed; llama.cpp has said why. */
async function explain<Loaded>({ name }: ModelFile, loading: Promise<Loaded>): Promise<Loaded> {
  complaint = null;
  try {
    return await loading;
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw new EngineError('cannot_load', `The model ${name} cannot be loaded: ${complaint ?? firstLine(error)}`);
  }
}

function report(level: 'warn' | 'error', message: string): void {
  if (level === 'error') complaint ??= message.replace(/^\w+: (error loading model[^:]*: )*/, '');
  send({ type: 'log', level, message });
}

async function unload(): Promise<void> {
  const before = model;
  model = null;
  leaving = before ?? leaving;
  for (const { cancel } of running.values()) cancel.abort();
  await Promise.allSettled([...running.values()].map(({ ended }) => ended));
  await before?.putAway();
  await before?.dispose();
  if (leaving === before) leaving = null;
  const beside = embedder;
  embedder = null;
  await beside?.dispose();
}

function loadedModel(): ModelInMemory {
  if (model === null) throw new Error('no model is loaded');
  return model;
}

function loadedEmbedder(): EmbedderInMemory {
  if (embedder === null) throw new Error('no model for embeddings is loaded');
  return embedder;
}

function fail({ id, type }: Exclude<ToChild, { type: 'ping' | 'cancel' }>, error: unknown): void {
  // This process lives: whatever it was, it was this one question.
  const code = error instanceof EngineError ? error.code : type.startsWith('load') ? 'cannot_load' : 'failed';
  send({ type: 'failed', id, code, message: firstLine(error) });
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? '';
}

/** What is sent in one turn of the loop, as the tokens of one step are, travels together: each message wakes the server. */
function send(message: FromChild): void {
  if (outbox.push(message) > 1) return;
  setImmediate(() => {
    const messages = outbox.splice(0);
    // A channel that is gone has ended this process already.
    if (process.connected) process.send?.(messages);
  });
}

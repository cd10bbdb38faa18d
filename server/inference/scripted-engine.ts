import { createHash } from 'node:crypto';
import { setTimeout as delay, setImmediate as nextCycle } from 'node:timers/promises';
import { createAdmission } from './admission.ts';
import {
  type Engine,
  EngineError,
  type EngineEvent,
  type EngineUsage,
  type GenerateRequest,
  type LoadedModel,
  noUsage,
  type PromptMessage,
} from './engine.ts';
import { createStopTexts } from './stop-texts.ts';

export interface ScriptedEngineOptions {
  /** The whole answer to a request; by default one of some 600 tokens that repeats the question. */
  script?: (request: GenerateRequest) => string;
  tokenDelayMs?: number;
  sequences?: number;
  contextLength?: number;
  /** Into how many slices the prompt is cut; while the engine is held, each waits like a token. Default: one that waits for nothing. */
  promptSlices?: number;
  sharedSystemPrompt?: string;
}

/** An engine without a model, for tests that are not about the model; its answers are known beforehand. */
export interface ScriptedEngine extends Engine {
  /** Every reply stops before its next token. */
  hold(): void;
  /** Lets this many more tokens pass, of all replies together; without a number, lets everything pass. */
  release(tokens?: number): void;
  /** The next reply that starts throws this after so many tokens. */
  failNext(error: EngineError, afterTokens: number): void;
  /** What the death of a model process does: every reply, running or waiting, throws `crashed`. */
  crash(): void;
  /** Replies that hold a sequence. */
  readonly running: number;
  /** Requests for embeddings that are under way. */
  readonly embedding: number;
  /** Every request that got a sequence, in order. */
  readonly requests: readonly GenerateRequest[];
  /** Every reply that ended by its signal, and when it let go of its sequence (`performance.now()`). */
  readonly cancelled: readonly { conversation: string; at: number }[];
}

const tokensPerMessage = 4;
const unitsPerToken = 4;
/** Some tokens end inside a character, as a model's do. */
const tokenLengths = [3, 1, 4, 2];

/** How the scripted engine counts: 4 tokens a message, and one for each 4 UTF-16 units of it that have begun. */
function scriptedTokenCount(messages: readonly PromptMessage[]): number {
  return messages.reduce((sum, { content }) => sum + tokensPerMessage + Math.ceil(content.length / unitsPerToken), 0);
}

/** Of length 1, and another for each text. */
function scriptedVector(text: string): number[] {
  const values = [...createHash('sha256').update(text).digest()].map((byte) => byte - 127.5);
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
}

export function createScriptedEngine(options: ScriptedEngineOptions = {}): ScriptedEngine {
  const {
    script = echo,
    tokenDelayMs = 0,
    sequences = 8,
    contextLength = 4096,
    promptSlices = 0,
    sharedSystemPrompt = '',
  } = options;
  const gate = createGate();
  const requests: GenerateRequest[] = [];
  const cancelled: { conversation: string; at: number }[] = [];
  /** What each conversation has in memory: the messages of its last request. */
  const shared: readonly PromptMessage[] =
    sharedSystemPrompt === '' ? [] : [{ role: 'system', content: sharedSystemPrompt }];
  const kept = new Map<string, readonly PromptMessage[]>();
  let state: 'stopped' | 'ready' = 'stopped';
  let loaded: LoadedModel | null = null;
  let plannedFailure: { error: EngineError; afterTokens: number } | null = null;
  let life = new AbortController();
  let running = 0;
  let embedding = 0;

  const admission = createAdmission({
    swap: async (model) => {
      loaded = model === null ? null : { name: model.name, contextLength, sequences, threads: 1 };
      kept.clear();
      return loaded;
    },
  });

  function end(error: EngineError): void {
    loaded = null;
    kept.clear();
    const before = life;
    life = new AbortController();
    admission.reset(() => error);
    before.abort(error);
  }

  function ensureStarted(): void {
    if (state === 'stopped') throw new EngineError('stopped', 'The engine is not running.');
  }

  async function* generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<EngineEvent, void> {
    ensureStarted();
    const place = await admission.enter(request.model, 'reply', signal).catch((error: unknown) => {
      if (signal.aborted) return null;
      throw error;
    });
    if (place === null) {
      yield { type: 'end', finishReason: 'cancelled', usage: { ...noUsage } };
      return;
    }
    running++;
    requests.push(request);
    try {
      yield* answer(request, signal, life.signal);
    } finally {
      running--;
      place.leave();
    }
  }

  async function* answer(
    request: GenerateRequest,
    signal: AbortSignal,
    alive: AbortSignal,
  ): AsyncGenerator<EngineEvent, void> {
    const failure = plannedFailure;
    plannedFailure = null;
    const started = performance.now();
    const promptTokens = scriptedTokenCount(request.messages);
    if (promptTokens >= contextLength) {
      throw new EngineError(
        'prompt_too_long',
        `The prompt has ${promptTokens} tokens; the model can hold ${contextLength}, its answer included.`,
      );
    }
    const reused = scriptedTokenCount(commonBeginning(kept.get(request.conversation) ?? shared, request.messages));
    kept.set(request.conversation, request.messages);
    const begun = request.continueFrom?.length ?? 0;
    const pieces = split(script(request));
    const most = Math.min(pieces.length, begun + request.maxTokens, contextLength - promptTokens);
    const usage: EngineUsage = { ...noUsage, promptTokens, reusedTokens: reused };
    const stopTexts = createStopTexts(request.stopTexts ?? []);
    for (const piece of pieces.slice(0, begun)) stopTexts.push(piece);
    yield { type: 'prefill', done: reused, total: promptTokens + begun, reused };
    const either = AbortSignal.any([signal, alive]);
    for (let slice = 1; slice < promptSlices; slice++) {
      await gate.pass(either).catch(() => undefined);
      const read = Math.floor(((promptTokens - reused) * slice) / promptSlices);
      yield { type: 'prefill', done: reused + read, total: promptTokens + begun, reused };
    }
    yield { type: 'prefill', done: promptTokens + begun, total: promptTokens + begun, reused };

    for (let index = begun; index < most; index++) {
      await gate.pass(either).catch(() => undefined);
      if (tokenDelayMs > 0) await delay(tokenDelayMs, undefined, { signal: either }).catch(() => undefined);
      await nextCycle();
      if (alive.aborted) throw alive.reason;
      if (failure !== null && index - begun >= failure.afterTokens) throw failure.error;
      if (signal.aborted) {
        cancelled.push({ conversation: request.conversation, at: performance.now() });
        yield { type: 'end', finishReason: 'cancelled', usage };
        return;
      }
      usage.completionTokens++;
      usage.timeToFirstTokenMs ??= performance.now() - started;
      const { text, stopped } = stopTexts.push(pieces[index] ?? '');
      yield { type: 'text', text: stopped || index + 1 < most ? text : text + stopTexts.rest(), tokenIds: [index] };
      if (stopped) return yield { type: 'end', finishReason: 'stop', usage };
    }
    yield { type: 'end', finishReason: most < pieces.length ? 'length' : 'stop', usage };
  }

  return {
    start() {
      state = 'ready';
    },
    async stop() {
      state = 'stopped';
      end(new EngineError('stopped', 'The engine was stopped.'));
    },
    status: () => ({ state, loaded, problem: null }),
    async load(model, signal) {
      ensureStarted();
      const place = await admission.enter(model, 'question', signal);
      place.leave();
      return place.model;
    },
    async unload(signal) {
      ensureStarted();
      await admission.empty(signal);
    },
    async forget(conversation) {
      kept.delete(conversation);
    },
    async countPromptTokens(model, messages, signal) {
      ensureStarted();
      const place = await admission.enter(model, 'question', signal);
      place.leave();
      return scriptedTokenCount(messages);
    },
    async tokenize(model, text, signal) {
      ensureStarted();
      const place = await admission.enter(model, 'question', signal);
      place.leave();
      const ids = split(text).map((_, index) => index);
      return { count: ids.length, ids };
    },
    generate,
    async embed(_model, texts, signal) {
      ensureStarted();
      const counts = texts.map((text) => scriptedTokenCount([{ role: 'user', content: text }]));
      const long = counts.findIndex((count) => count > contextLength);
      if (long >= 0) {
        const numbers = `has ${counts[long]} tokens; the model can hold ${contextLength}.`;
        throw new EngineError('prompt_too_long', `Text ${long + 1} of ${texts.length} ${numbers}`);
      }
      const alive = life.signal;
      const either = signal === undefined ? alive : AbortSignal.any([signal, alive]);
      const vectors: number[][] = [];
      embedding++;
      try {
        for (const text of texts) {
          await gate.pass(either);
          await nextCycle();
          either.throwIfAborted();
          vectors.push(scriptedVector(text));
        }
      } finally {
        embedding--;
      }
      return { vectors, tokens: counts.reduce((sum, count) => sum + count, 0) };
    },
    hold: gate.hold,
    release: gate.release,
    failNext(error, afterTokens) {
      plannedFailure = { error, afterTokens };
    },
    crash: () => end(new EngineError('crashed', 'The model process ended by SIGKILL.')),
    get running() {
      return running;
    },
    get embedding() {
      return embedding;
    },
    requests,
    cancelled,
  };
}

/** Lets tokens pass one by one while it is held. */
function createGate() {
  let passes = Number.POSITIVE_INFINITY;
  let waiting: (() => void)[] = [];
  const wakeAll = () => {
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  };
  return {
    hold() {
      passes = 0;
    },
    release(tokens = Number.POSITIVE_INFINITY) {
      passes += tokens;
      wakeAll();
    },
    async pass(signal: AbortSignal): Promise<void> {
      while (passes <= 0) {
        signal.throwIfAborted();
        let wake = () => {};
        const woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
        waiting.push(wake);
        signal.addEventListener('abort', wake, { once: true });
        await woken;
        signal.removeEventListener('abort', wake);
      }
      passes--;
    },
  };
}

function echo({ messages }: GenerateRequest): string {
  const question = messages.at(-1)?.content ?? '';
  return `You said: ${question}\n\n${'Here is what I make of it — déjà vu, 你好, 🙂. '.repeat(32)}`;
}

/** The text as tokens: each gets the whole characters that it completes, which may be none. */
function split(text: string): string[] {
  const pieces: string[] = [];
  let held = '';
  for (let at = 0, index = 0; at < text.length; index++) {
    const length = tokenLengths[index % tokenLengths.length] ?? 1;
    const piece = held + text.slice(at, at + length);
    at += length;
    const cut = /[\uD800-\uDBFF]$/.test(piece) && at < text.length ? piece.length - 1 : piece.length;
    held = piece.slice(cut);
    pieces.push(piece.slice(0, cut));
  }
  return pieces;
}

function commonBeginning(before: readonly PromptMessage[], now: readonly PromptMessage[]): readonly PromptMessage[] {
  const different = now.findIndex(
    (message, index) => message.role !== before[index]?.role || message.content !== before[index]?.content,
  );
  return different < 0 ? now : now.slice(0, different);
}

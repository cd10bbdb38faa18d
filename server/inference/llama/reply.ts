import type { LlamaContextSequence, SequenceEvaluateOptions, Token } from 'node-llama-cpp';
import type { EngineEvent, Sampling } from '../engine.ts';
import { createStopTexts } from '../stop-texts.ts';
import type { Prompt } from './prompt.ts';
import type { Stream } from './scheduler.ts';

import { createTextDecoder } from './text-decoder.ts';

export interface ReplyOptions {
  /** Holds a part of the prompt's beginning, and nothing else. */
  sequence: LlamaContextSequence;
  prompt: Prompt;
  /** Tokens of the answer that are given already. */
  begun: readonly Token[];
  sampling: Sampling;
  /** What ends the answer beside the prompt's own. */
  stopTexts: readonly string[];
  /** New tokens that may be drawn; at least one. */
  maxNewTokens: number;
  signal: AbortSignal;
  emit: (event: EngineEvent) => void;
  /** Called instead of a last `end` event where generating fails. */
  onError: (error: unknown) => void;
}

/** How far back the repeat penalty looks. */
const penaltyWindow = 64;

/** One reply, from the first token of its prompt that is not in memory to its `end` event. */
export function createReply(options: ReplyOptions): Stream {
  const { sequence, prompt, begun, signal, emit } = options;
  const { model } = sequence;
  const input = [...prompt.tokens, ...begun];
  const reused = sequence.nextTokenIndex;
  const answer: Token[] = [...begun];
  const decoder = createTextDecoder((tokens, before) =>
    model.detokenize(tokens as readonly Token[], false, before as readonly Token[]),
  );
  const stopTexts = createStopTexts([...prompt.stopTexts, ...options.stopTexts]);
  for (const token of begun) stopTexts.push(decoder.push(token));

  const started = performance.now();
  let firstTokenAt: number | null = null;
  let lastTokenAt = started;
  let read = reused;
  let drawn = 0;
  let tokens: AsyncGenerator<Token, void> | null = null;
  emitProgress();

  function emitProgress(): void {
    emit({ type: 'prefill', done: read, total: input.length, reused });
  }

  function end(finishReason: 'stop' | 'length' | 'cancelled'): false {
    const generating = firstTokenAt === null ? 0 : (lastTokenAt - firstTokenAt) / 1000;
    emit({
      type: 'end',
      finishReason,
      usage: {
        promptTokens: prompt.tokens.length,
        reusedTokens: Math.min(reused, prompt.tokens.length),
        completionTokens: drawn,
        timeToFirstTokenMs: firstTokenAt === null ? null : firstTokenAt - started,
        tokensPerSecond: generating > 0 ? (drawn - 1) / generating : null,
      },
    });
    return false;
  }

  function accept(token: Token): boolean {
    answer.push(token);
    drawn++;
    lastTokenAt = performance.now();
    firstTokenAt ??= lastTokenAt;
    const { text, stopped } = stopTexts.push(decoder.push(token));
    const full = drawn >= options.maxNewTokens;
    emit({ type: 'text', text: full && !stopped ? text + stopTexts.rest() : text, tokenIds: [token] });
    if (stopped) return end('stop');
    return full ? end('length') : true;
  }

  async function draw(): Promise<boolean> {
    if (tokens === null) {
      tokens = sequence.evaluate(input.slice(read), toEvaluateOptions(options.sampling, answer));
      const next = await tokens.next();
      read = input.length;
      emitProgress();
      return onDrawn(next);
    }
    return onDrawn(await tokens.next());
  }

  function onDrawn(next: IteratorResult<Token, void>): boolean {
    if (signal.aborted) return end('cancelled');
    if (next.done === true || prompt.stopTokens.has(next.value)) {
      const text = stopTexts.rest();
      if (text !== '') emit({ type: 'text', text, tokenIds: [] });
      return end('stop');
    }
    return accept(next.value);
  }

  async function readPart(count: number): Promise<boolean> {
    await sequence.evaluateWithoutGeneratingNewTokens(input.slice(read, read + count));
    read += count;
    emitProgress();
    return signal.aborted ? end('cancelled') : true;
  }

  return {
    get unread() {
      return input.length - read;
    },
    async advance(count) {
      let goesOn = false;
      try {
        if (signal.aborted) return end('cancelled');
        goesOn = await (count < input.length - read ? readPart(count) : draw());
      } catch (error) {
        options.onError(error);
      } finally {
        if (!goesOn) await tokens?.return();
      }
      return goesOn;
    },
  };
}

/** What llama.cpp is told about drawing; `answer` grows while it is used. */
function toEvaluateOptions(sampling: Sampling, answer: readonly Token[]): SequenceEvaluateOptions {
  const { temperature, topP, topK, minP, repeatPenalty, seed } = sampling;
  return {
    temperature,
    topP,
    topK,
    minP,
    // Unset, the library takes the clock's second, and replies of one second are the same.
    seed: seed ?? Math.floor(Math.random() * 2 ** 32),
    ...(repeatPenalty === 1
      ? {}
      : { repeatPenalty: { penalty: repeatPenalty, punishTokens: () => answer.slice(-penaltyWindow) } }),
  };
}

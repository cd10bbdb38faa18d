import path from 'node:path';
import { getLlama, type LlamaContext, type LlamaModel } from 'node-llama-cpp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../server/inference/engine.ts';
import { createPromptRenderer } from '../../server/inference/llama/prompt.ts';
import { createReply } from '../../server/inference/llama/reply.ts';
import { createScheduler } from '../../server/inference/llama/scheduler.ts';
import { writeNoiseModel } from '../../server/inference/noise-model.ts';
import { makeFolder } from '../testkit/llama.ts';

const sampling = { temperature: 0, topP: 1, topK: 40, minP: 0, repeatPenalty: 1, seed: 1 };
let model: LlamaModel;
let context: LlamaContext;
let clean = async () => {};
/** Tokens of each decode call. */
let batches: number[] = [];

beforeAll(async () => {
  const { folder, remove } = await makeFolder();
  const file = path.join(folder, 'noise.gguf');
  await writeNoiseModel(file);
  const llama = await getLlama({ gpu: false, build: 'never', maxThreads: 1 });
  model = await llama.loadModel({ modelPath: file });
  context = await model.createContext({
    contextSize: 1024,
    sequences: 9,
    batchSize: 128,
    threads: 1,
    batching: { itemPrioritizationStrategy: 'firstInFirstOut' },
  });
  countBatches();
  clean = async () => {
    await llama.dispose();
    await remove();
  };
});
afterAll(() => clean());

/** The library counts nothing, and its native object is read-only: a proxy in its place can. */
function countBatches(): void {
  const holder = context as unknown as { _ctx: { initBatch(size: number): void } };
  holder._ctx = new Proxy(holder._ctx, {
    get(native, name) {
      const value: unknown = Reflect.get(native, name, native);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        if (name === 'initBatch') batches.push(Number(args[0]));
        return value.apply(native, args);
      };
    },
  });
}

function reply(content: string, maxNewTokens: number, onEvent: (event: EngineEvent) => void) {
  const prompt = createPromptRenderer(model)([{ role: 'user', content }]);
  const sequence = context.getSequence();
  const stream = createReply({
    sequence,
    prompt,
    begun: [],
    sampling,
    stopTexts: [],
    maxNewTokens,
    signal: new AbortController().signal,
    emit: onEvent,
    onError: (error) => expect.fail(String(error)),
  });
  return { stream, done: () => sequence.dispose() };
}

describe('many replies at once', () => {
  it('put a token of each into every decode call', async () => {
    const scheduler = createScheduler({ alone: 128, beside: 32 });
    batches = [];
    let tokens = 0;
    const replies = Array.from({ length: 8 }, (_, index) =>
      reply(`Question ${index}`, 200, (event) => {
        if (event.type === 'text') tokens++;
      }),
    );
    await Promise.all(replies.map(({ stream }) => scheduler.run(stream)));
    await Promise.all(replies.map(({ done }) => done()));
    expect(tokens).toBe(1600);
    // The others read prompts.
    const steps = batches.filter((size) => size <= 8);
    const perCall = steps.reduce((sum, size) => sum + size, 0) / steps.length;
    console.log(`tokens a decode call, 8 replies: ${perCall.toFixed(2)}`);
    expect(perCall).toBeGreaterThanOrEqual(0.95 * 8);
  });

  it('go on token by token while a long prompt is read behind them', async () => {
    const scheduler = createScheduler({ alone: 128, beside: 32 });
    batches = [];
    const order: string[] = [];
    const long = reply('word '.repeat(600), 1, ({ type }) => order.push(`long ${type}`));
    let started: Promise<void> | null = null;
    const short = reply('Short', 60, ({ type }) => {
      order.push(`short ${type}`);
      if (type === 'text') started ??= scheduler.run(long.stream);
    });
    await scheduler.run(short.stream);
    await started;
    await Promise.all([short.done(), long.done()]);
    const reading = order.slice(order.indexOf('long prefill') + 1, order.indexOf('long text'));
    const tokensMeanwhile = reading.filter((event) => event === 'short text').length;
    const slices = reading.filter((event) => event === 'long prefill').length;
    expect(slices).toBeGreaterThan(10);
    expect(tokensMeanwhile).toBeGreaterThanOrEqual(slices - 2);
    expect(Math.max(...batches.slice(1))).toBe(33);
  });
});

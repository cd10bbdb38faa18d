import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelFile } from '../../server/inference/engine.ts';
import { readGgufHeader } from '../../server/inference/gguf-header.ts';
import type { LlamaEngine } from '../../server/inference/llama/llama-engine.ts';
import { memoryForModels } from '../../server/inference/memory.ts';
import { writeNoiseModel } from '../../server/inference/noise-model.ts';
import { makeFolder, startLlama } from '../testkit/llama.ts';
import { requestOf, runReply } from './engine-contract.ts';

let folder = '';
let model: ModelFile = { name: 'noise', path: '' };
let remove = async () => {};

beforeAll(async () => {
  ({ folder, remove } = await makeFolder());
  model = { ...model, path: path.join(folder, 'noise.gguf') };
  await writeNoiseModel(model.path);
});
afterAll(() => remove());

/** Megabytes of memory of its own that the engine's process has. */
async function childMegabytes(engine: LlamaEngine): Promise<number> {
  const status = await readFile(`/proc/${engine.childPid()}/status`, 'utf8');
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

describe('a model on demand', () => {
  it('is let go once nobody has used it for the set time, and its conversations go on where they were', async () => {
    const states = { dir: path.join(folder, 'states'), maxBytes: 1 << 30 };
    const engine = startLlama({ idleTimeoutMs: 300, states });
    const request = requestOf(model, 'What would you make of a long day with nothing to do at all?', { maxTokens: 5 });
    const first = await runReply(engine, request);
    expect(engine.status().loaded?.name).toBe('noise');
    await expect.poll(() => engine.status().loaded, { timeout: 20_000 }).toBeNull();
    const again = await runReply(engine, request);
    expect(again.usage.reusedTokens).toBe(first.usage.promptTokens - 1);
    expect(again.text).toBe(first.text);
  });

  it.runIf(process.platform === 'linux')('gives all its memory back when it is let go', async () => {
    const engine = startLlama({ contextLength: 4096, sequences: 8 });
    await runReply(engine, requestOf(model, 'Fill some memory.'));
    const used = await childMegabytes(engine);
    await engine.unload();
    await expect.poll(() => engine.status().state, { timeout: 20_000 }).toBe('ready');
    const left = await childMegabytes(engine);
    console.log(`the engine's process: ${used.toFixed(0)} MB with the model, ${left.toFixed(0)} MB without`);
    expect(left).toBeLessThan(80);
    expect(used).toBeGreaterThan(left + 30);
    expect((await runReply(engine, requestOf(model, 'And again.'))).finishReason).toBe('length');
  });

  it('is refused with both numbers where it cannot fit, and runs with less where that does', async () => {
    const engine = startLlama({ sequences: 8, contextLength: null });
    const { header } = await readGgufHeader([model.path]);
    if (header === null) throw new Error('the model has no header');
    const huge = { ...model, header, sizeBytes: 1e15 };
    const refused = await engine.load(huge).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'cannot_load' });
    expect(String(refused)).toMatch(/takes at least 1000000\.\d GB of memory, and \d+\.\d GB are free for it/);
    expect(engine.status()).toMatchObject({ state: 'ready', loaded: null });
    // As if eight conversations took twice what is free, less a little.
    const wide = { ...model, header: { ...header, kvBytesPerToken: memoryForModels() / (5 * 4096) }, sizeBytes: 6e6 };
    const loaded = await engine.load(wide);
    expect(loaded).toMatchObject({ sequences: 4, contextLength: 4096 });
    expect(loaded.notice).toBe(
      'Memory is short: this model runs 4 of 8 conversations at once, with 4096 of 4096 tokens each.',
    );
  });
});

import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ModelFile } from '../../server/inference/engine.ts';
import { readGgufHeader } from '../../server/inference/gguf-header.ts';
import type { LlamaEngine } from '../../server/inference/llama/llama-engine.ts';
import { writeNoiseModel } from '../../server/inference/noise-model.ts';
import { makeFolder, startLlama } from '../testkit/llama.ts';
import { tinyGguf } from '../testkit/malformed-gguf.ts';
import { requestOf, runReply } from './engine-contract.ts';

let model: ModelFile = { name: 'noise', path: '' };
/** llama.cpp ends the process over it: its vocabulary has a token twice. */
let deadly: ModelFile = { name: 'deadly', path: '' };
let remove = async () => {};

beforeAll(async () => {
  const made = await makeFolder();
  remove = made.remove;
  model = { ...model, path: path.join(made.folder, 'noise.gguf') };
  deadly = { ...deadly, path: path.join(made.folder, 'deadly.gguf') };
  await writeNoiseModel(model.path);
  const tokens = ['a', 'a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const bytes = tinyGguf({
    'llama.feed_forward_length': { type: 'uint32', value: 64 },
    'llama.attention.layer_norm_rms_epsilon': { type: 'float32', value: 1e-5 },
    'tokenizer.ggml.pre': { type: 'string', value: 'gpt-2' },
    'tokenizer.ggml.tokens': { type: 'strings', value: tokens },
  });
  await writeFile(deadly.path, bytes);
});
afterAll(() => remove());

function signalChild(engine: LlamaEngine, signal: NodeJS.Signals): number {
  const pid = engine.childPid();
  if (pid === null) throw new Error('there is no child');
  process.kill(pid, signal);
  return pid;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('the llama.cpp engine', () => {
  it('survives a model for embeddings that kills its process: no reply notices, and another one embeds', async () => {
    const engine = startLlama();
    const child = { pid: 0 };
    const { header } = await readGgufHeader([model.path]);
    let refused: Promise<unknown> | null = null;
    const reply = await runReply(engine, requestOf(model, 'Go on.', { maxTokens: 300 }), {
      onEvent: ({ type }) => {
        child.pid ||= engine.childPid() ?? 0;
        if (type === 'text') refused ??= engine.embed(deadly, ['text']).catch((error: unknown) => error);
      },
    });
    expect(reply.finishReason).toBe('length');
    expect(await refused).toMatchObject({ code: 'cannot_load', message: expect.stringContaining('deadly') });
    expect(engine.childPid()).toBe(child.pid);
    const huge = engine.embed({ ...model, header, sizeBytes: 1e15 }, ['text']);
    await expect(huge).rejects.toThrow(/noise takes at least 1000000\.\d GB of memory, and \d+\.\d GB are free for it/);
    expect((await engine.embed(model, ['text'])).vectors).toHaveLength(1);
  });

  it.each(['SIGKILL', 'SIGSEGV'] as const)(
    'loses its child to %s in mid-reply, and the next reply works',
    async (signal) => {
      const engine = startLlama({ sequences: 2 });
      let tokens = 0;
      const replies = ['one', 'two', 'waiting'].map((content) =>
        runReply(engine, requestOf(model, content, { maxTokens: 1000 }), {
          onEvent: ({ type }) => {
            if (type === 'text' && ++tokens === 5) signalChild(engine, signal);
          },
        }),
      );
      for (const reply of replies) await expect(reply).rejects.toMatchObject({ code: 'crashed' });
      expect(engine.status()).toMatchObject({ state: 'restarting', loaded: null });
      expect(engine.status().problem).toContain(signal);
      expect((await runReply(engine, requestOf(model, 'Again'))).finishReason).toBe('length');
      expect(engine.status()).toMatchObject({ state: 'ready', problem: null });
    },
  );

  it('kills a child that stands still, and goes on with a new one', async () => {
    const engine = startLlama();
    let stopped: number | null = null;
    const reply = runReply(engine, requestOf(model, 'Stand still', { maxTokens: 1000 }), {
      onEvent: ({ type }) => {
        if (type === 'text') stopped ??= signalChild(engine, 'SIGSTOP');
      },
    });
    await expect(reply).rejects.toMatchObject({ code: 'crashed' });
    expect(engine.status().problem).toContain('did not answer');
    expect(isRunning(stopped ?? 0)).toBe(false);
    expect((await runReply(engine, requestOf(model, 'Again'))).finishReason).toBe('length');
  });

  it('survives a model that kills llama.cpp, and does not try it again by itself', async () => {
    const engine = startLlama();
    const refused = await engine.load(deadly).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'cannot_load' });
    expect(String(refused)).toContain('deadly');
    expect(engine.status()).toMatchObject({ state: 'restarting' });
    await vi.waitFor(() => expect(engine.status().state).toBe('ready'), 10_000);
    expect(engine.status().problem).toContain('deadly');
    expect((await runReply(engine, requestOf(model, 'Hi'))).finishReason).toBe('length');
  });

  it('leaves no child behind when it is stopped, even one that stands still', async () => {
    const engine = startLlama();
    await engine.load(model);
    const pid = signalChild(engine, 'SIGSTOP');
    await engine.stop();
    expect(isRunning(pid)).toBe(false);
    expect(engine.childPid()).toBeNull();
  });

  it('gives the child nothing of our environment that could be a secret', async () => {
    process.env.POSTGRES_PASSWORD = 'a secret of this test';
    const engine = startLlama();
    delete process.env.POSTGRES_PASSWORD;
    await engine.load(model);
    const environment = await readFile(`/proc/${engine.childPid()}/environ`, 'utf8').catch(() => '');
    expect(environment).not.toContain('a secret of this test');
  });
});

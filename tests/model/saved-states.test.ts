import { mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, GenerateRequest, ModelFile } from '../../server/inference/engine.ts';
import { writeNoiseModel } from '../../server/inference/noise-model.ts';
import { makeFolder, startLlama } from '../testkit/llama.ts';
import { requestOf, runReply } from './engine-contract.ts';

let folder = '';
let model: ModelFile = { name: 'noise', path: '' };
let otherModel: ModelFile = { name: 'other', path: '' };
let remove = async () => {};
let engines = 0;

beforeAll(async () => {
  ({ folder, remove } = await makeFolder());
  model = { ...model, path: path.join(folder, 'noise.gguf') };
  otherModel = { ...otherModel, path: path.join(folder, 'other.gguf') };
  await writeNoiseModel(model.path);
  await writeNoiseModel(otherModel.path, { seed: 7 });
});
afterAll(() => remove());

const sharedSystemPrompt = 'Everybody is told to be kind, to be brief and to tell the truth.';

function startWithStates(dir = path.join(folder, `states-${++engines}`), maxBytes = 1 << 30) {
  const open = (changes = {}) =>
    startLlama({ sequences: 1, states: { dir, maxBytes }, contextLength: 1024, sharedSystemPrompt, ...changes });
  return { dir, open, states: async () => (await readdir(dir)).sort() };
}

/** A question of some 200 tokens. */
function question(conversation: string): GenerateRequest {
  return requestOf(model, `${conversation}: ${'what would they make of all this '.repeat(30)}`, {
    conversation,
    maxTokens: 20,
  });
}

/** Asks, answers, and asks again: the request of the follow-up, and what it may find computed. */
async function begin(engine: Engine, conversation: string) {
  const request = question(conversation);
  const { text, tokenIds, usage } = await runReply(engine, request);
  const messages = [
    ...request.messages,
    { role: 'assistant' as const, content: text, tokenIds },
    { role: 'user' as const, content: 'Go on.' },
  ];
  return { followUp: { ...request, messages }, known: usage.promptTokens + tokenIds.length - 1 };
}

describe('the state of a conversation', () => {
  it('comes back whole when its sequence went to others, and the answer is the same', async () => {
    const { dir, open, states } = startWithStates();
    const engine = open();
    const { followUp, known } = await begin(engine, 'first');
    await begin(engine, 'second');
    const inPlace = await runReply(open({ states: { dir: `${dir}-none`, maxBytes: 0 } }), followUp);
    const back = await runReply(engine, followUp);
    expect(back.usage.reusedTokens).toBe(known);
    expect(back.text).toBe(inPlace.text);
    for (const name of await states()) {
      expect(name).toMatch(/^[0-9a-f]{32}-[0-9a-f]{16}\.state$/);
      expect((await stat(path.join(dir, name))).mode & 0o777).toBe(0o600);
    }
    expect((await stat(dir)).mode & 0o777).toBe(0o700);
  });

  it('survives a restart, and another model in between', async () => {
    const { open } = startWithStates();
    const engine = open({ sequences: 4 });
    const { followUp, known } = await begin(engine, 'first');
    await runReply(engine, requestOf(otherModel, 'Something else.'));
    expect((await runReply(engine, followUp)).usage.reusedTokens).toBe(known);
    await begin(engine, 'second');
    await engine.stop();
    const next = open({ sequences: 4 });
    // The first turn of the follow-up is kept too, and begins with more than was known.
    expect((await runReply(next, followUp)).usage.reusedTokens).toBeGreaterThan(known);
    expect((await begin(next, 'second')).known).toBeGreaterThan(0);
  });

  it('is put away also when the engine is stopped in mid-reply', async () => {
    const { open } = startWithStates();
    const engine = open();
    const request = { ...question('interrupted'), maxTokens: 500 };
    let stopped: Promise<void> | null = null;
    const reply = runReply(engine, request, {
      onEvent: ({ type }) => {
        if (type === 'text') stopped ??= engine.stop();
      },
    });
    await expect(reply).rejects.toMatchObject({ code: 'stopped' });
    await stopped;
    const again = await runReply(open(), { ...request, maxTokens: 1 });
    expect(again.usage.reusedTokens).toBe(again.usage.promptTokens - 1);
  });

  it('is not used for another context length or a model file that has changed', async () => {
    const { open } = startWithStates();
    const file = { name: 'changing', path: path.join(folder, 'changing.gguf') };
    await writeNoiseModel(file.path);
    const engine = open();
    const request = { ...question('changing'), model: file };
    await runReply(engine, request);
    await engine.stop();
    const shorter = open({ contextLength: 768 });
    expect((await runReply(shorter, request)).usage.reusedTokens).toBe(0);
    await shorter.stop();
    await writeNoiseModel(file.path, { seed: 2 });
    expect((await runReply(open(), request)).usage.reusedTokens).toBe(0);
  });

  it('is computed again where its file is damaged, foreign or cut short, and the reply is the same', async () => {
    const { dir, open, states } = startWithStates();
    const engine = open({ sharedSystemPrompt: '' });
    const { followUp } = await begin(engine, 'damaged');
    await begin(engine, 'other');
    const [name = '', ...more] = await states();
    expect(more).toEqual([]);
    const file = path.join(dir, name);
    const bytes = await readFile(file);
    const expected = await runReply(engine, followUp);
    for (const damage of [
      () => truncate(file, bytes.length / 2),
      () =>
        writeFile(
          file,
          bytes.map((byte, index) => (index === 5000 ? byte ^ 1 : byte)),
        ),
      () => writeFile(file, 'x'.repeat(bytes.length)),
    ]) {
      await begin(engine, 'other');
      await damage();
      const reply = await runReply(engine, followUp);
      expect(reply.usage.reusedTokens).toBe(0);
      expect(reply.text).toBe(expected.text);
    }
  });

  it('costs no reply where it cannot be kept', async () => {
    const { dir, open } = startWithStates();
    await writeFile(dir, 'a file, where the folder should be');
    const engine = open();
    const { followUp } = await begin(engine, 'first');
    await begin(engine, 'second');
    expect((await runReply(engine, followUp)).finishReason).toBe('length');
    expect(await readFile(dir, 'utf8')).toContain('a file');
  });

  it('takes no more than the budget, the least recently used going first', async () => {
    // 512 bytes a token and layer: some 120 kB a conversation.
    const { dir, open, states } = startWithStates(undefined, 800_000);
    const engine = open({ sharedSystemPrompt: '' });
    const begun = [];
    for (let index = 0; index < 8; index++) begun.push(await begin(engine, `budget ${index}`));
    const sizes = await Promise.all((await states()).map(async (name) => (await stat(path.join(dir, name))).size));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    expect(sizes.length).toBeGreaterThan(1);
    expect(sizes.length).toBeLessThan(7);
    expect(total).toBeLessThanOrEqual(800_000);
    const [oldest, newest] = [begun[0], begun[6]];
    if (oldest === undefined || newest === undefined) throw new Error('no conversations');
    expect((await runReply(engine, newest.followUp)).usage.reusedTokens).toBe(newest.known);
    expect((await runReply(engine, oldest.followUp)).usage.reusedTokens).toBe(0);
  });

  it('goes with its conversation, from memory and from the disk', async () => {
    const { open, states } = startWithStates();
    const engine = open({ sharedSystemPrompt: '' });
    await begin(engine, 'to be deleted');
    await begin(engine, 'another');
    expect(await states()).toHaveLength(1);
    await engine.forget('to be deleted');
    expect(await states()).toEqual([]);
    await engine.forget('another');
    await engine.stop();
    expect(await states()).toEqual([]);
    // Without a child, too.
    const next = open({ sharedSystemPrompt: '' });
    await begin(next, 'third');
    await next.stop();
    expect(await states()).toHaveLength(1);
    await next.forget('third');
    expect(await states()).toEqual([]);
  });

  it('goes with its conversation also while its model is let go', async () => {
    const { dir, open, states } = startWithStates();
    await mkdir(dir);
    const conversations = ['first', 'second', 'third', 'fourth'];
    const engine = open({ sequences: conversations.length, sharedSystemPrompt: '' });
    for (const conversation of conversations) await begin(engine, conversation);
    const letGo = engine.unload();
    await nextTurn();
    await Promise.all(conversations.map((conversation) => engine.forget(conversation)));
    await letGo;
    expect(await states()).toEqual([]);
    await engine.stop();
  });

  it('of the configured system prompt is made anew when that changes', async () => {
    const { open, states } = startWithStates();
    let asked = 0;
    const ask = async (systemPrompt: string, sharedSystemPrompt: string) => {
      const engine = open({ sharedSystemPrompt });
      const messages = [
        { role: 'system' as const, content: systemPrompt },
        { role: 'user' as const, content: 'Hi' },
      ];
      const { usage } = await runReply(
        engine,
        requestOf(model, '', { conversation: `asked ${++asked}`, messages, maxTokens: 1 }),
      );
      await engine.stop();
      return usage.reusedTokens;
    };
    const other = 'Everybody is told to be loud, to be lengthy and to be proud of it.';
    expect(await ask(sharedSystemPrompt, sharedSystemPrompt)).toBeGreaterThan(10);
    expect(await ask(other, sharedSystemPrompt)).toBe(0);
    expect(await ask(other, other)).toBeGreaterThan(10);
    // One for each conversation, and the shared one.
    expect(await states()).toHaveLength(3 + 1);
  });
});

import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Engine } from '../../server/inference/engine.ts';
import { writeNoiseModel } from '../../server/inference/noise-model.ts';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { createSession, followBySse, readToEnd, send } from '../testkit/chat.ts';
import { ask, askFor } from '../testkit/graph.ts';
import { makeFolder, startLlama } from '../testkit/llama.ts';
import { startPortal } from '../testkit/portal.ts';
import { patient } from '../testkit/rounds.ts';

const sendMutation = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { reply { id } } }';
const editMutation =
  'mutation ($id: ID!, $content: String!) { editMessage(id: $id, content: $content) { reply { id } } }';
const SYSTEM_PROMPT = 'Be brief.';

async function errorOf(url: string, query: string, variables: Record<string, unknown>) {
  return (await ask(url, query, variables)).errors?.[0];
}

async function countOf(url: string, id: string): Promise<number> {
  const query = 'query ($id: ID!) { session(id: $id) { messageCount } }';
  return (await askFor<{ session: { messageCount: number } }>(url, query, { id })).session.messageCount;
}

/** The scripted engine, with the times that it was asked to count. */
function countingEngine(count: (real: () => Promise<number>) => Promise<number> = (real) => real()) {
  const engine = createScriptedEngine({ contextLength: 1024, script: () => 'ok' });
  const counted: string[] = [];
  const real = engine.countPromptTokens;
  engine.countPromptTokens = (model, messages, signal) => {
    counted.push(messages.at(-1)?.content ?? '');
    return count(() => real(model, messages, signal));
  };
  return { engine, counted };
}

describe('a message that cannot fit', () => {
  it('is refused with the numbers before anything is stored, with its context, the system prompt and the room for an answer counted', async () => {
    const { engine } = countingEngine();
    const { url } = await startPortal({ engine, env: { SYSTEM_PROMPT } });
    const sessionId = await createSession(url);
    // 4 tokens a message and one for each 4 units: 7 of the system prompt, 4 + 757 of this one.
    const [fits, tooLong] = ['x'.repeat(757 * 4), 'x'.repeat(758 * 4)];
    const refused = await errorOf(url, sendMutation, { input: { sessionId, content: tooLong } });
    expect(refused?.extensions).toMatchObject({ code: 'INVALID_INPUT', errors: [{ path: 'input.content' }] });
    expect(refused?.message).toMatch(/769 tokens.*1024.*256/);
    const context = { text: 'y'.repeat(3100) };
    expect(await errorOf(url, sendMutation, { input: { sessionId, content: 'short', context } })).toBeDefined();
    expect(await countOf(url, sessionId)).toBe(0);
    const few = { maxTokens: 10 };
    await readToEnd(followBySse(url, (await send(url, sessionId, tooLong, { generation: few })).reply.id));
    const { message, reply } = await send(url, sessionId, fits);
    expect((await readToEnd(followBySse(url, reply.id))).message.status).toBe('COMPLETE');
    const edited = await errorOf(url, editMutation, { id: message.id, content: tooLong });
    expect(edited?.extensions).toMatchObject({ code: 'INVALID_INPUT', errors: [{ path: 'content' }] });
    expect(await countOf(url, sessionId)).toBe(4);
    await askFor(url, editMutation, { id: message.id, content: fits });
  });

  it('is exactly that: one token more than there is room for, by the tokenizer of the model', async () => {
    const { folder, remove } = await makeFolder();
    onTestFinished(remove);
    const model = { name: 'noise', path: path.join(folder, 'noise.gguf') };
    await writeNoiseModel(model.path);
    const engine: Engine = startLlama({ contextLength: 512 });
    const env = { SYSTEM_PROMPT, MODELS_DIR: folder, MODEL_CONTEXT: '512', MAX_TOKENS: '8' };
    const { url } = await startPortal({ overrides: { engine }, env, withModel: false });
    const system = { role: 'system' as const, content: SYSTEM_PROMPT };
    const tokensOf = (content: string) => engine.countPromptTokens(model, [system, { role: 'user', content }]);
    let content = '你好 déjà vu ';
    while ((await tokensOf(`${content}z`)) <= 504) content += 'z';
    const sessionId = await createSession(url);
    const refused = await errorOf(url, sendMutation, { input: { sessionId, content: `${content}z` } });
    expect(refused?.message).toMatch(/505 tokens.*512.*8 are kept/);
    const { message } = await readToEnd(followBySse(url, (await send(url, sessionId, content)).reply.id));
    expect(message).toMatchObject({ status: 'COMPLETE', receipt: { promptTokens: 504, completionTokens: 8 } });
  });

  it('is found when its reply runs where the engine cannot count in time, and nobody waits for it', async () => {
    let asked = 0;
    const { engine } = countingEngine((real) => (asked++ === 0 ? new Promise(() => {}) : real()));
    const { url } = await startPortal({ engine, env: { SYSTEM_PROMPT } });
    const sessionId = await createSession(url);
    const askedAt = performance.now();
    const { reply } = await send(url, sessionId, 'x'.repeat(4000));
    expect(performance.now() - askedAt).toBeLessThan(patient(5_000));
    const { message } = await readToEnd(followBySse(url, reply.id));
    expect(message.status).toBe('FAILED');
    expect(message.errorMessage).toMatch(/1011 tokens/);
  });

  it('is not even looked for where the message is short', async () => {
    const { engine, counted } = countingEngine();
    const { url } = await startPortal({ engine, env: { SYSTEM_PROMPT } });
    await expect.poll(() => engine.status().loaded).not.toBeNull();
    const sessionId = await createSession(url);
    const { reply } = await send(url, sessionId, 'x'.repeat(200));
    await readToEnd(followBySse(url, reply.id));
    // Once, by the reply itself.
    expect(counted).toHaveLength(1);
  });

  it('is not counted where another model is loaded: nobody who asks that one waits for it', async () => {
    const { engine, counted } = countingEngine();
    const { url, config } = await startPortal({ engine, env: { SYSTEM_PROMPT } });
    await writeNoiseModel(path.join(config.models.dir, 'other.gguf'));
    const [here, there] = await Promise.all(['test-model', 'other'].map((model) => createSession(url, { model })));
    engine.hold();
    const running = await send(url, here ?? '', 'Stay.');
    await expect.poll(() => engine.running).toBe(1);
    const content = 'x'.repeat(5000);
    const tooLong = await send(url, there ?? '', content);
    const next = await send(url, await createSession(url, { model: 'test-model' }), 'Me too.');
    expect(engine.status().loaded?.name).toBe('test-model');
    expect(counted).not.toContain(content);
    engine.release();
    for (const { reply } of [running, next]) {
      expect((await readToEnd(followBySse(url, reply.id))).message.status).toBe('COMPLETE');
    }
    expect((await readToEnd(followBySse(url, tooLong.reply.id))).message).toMatchObject({ status: 'FAILED' });
  });
});

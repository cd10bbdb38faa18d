import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ServerKind } from '../../server/config-servers.ts';
import { answerTo, type Mishap, startInferenceServer, tokensOf } from '../testkit/inference-server.ts';
import { questionFor, runToEnd, startRemoteEngine } from '../testkit/remote-engine.ts';

const kinds: ServerKind[] = ['vllm', 'llama-server', 'ollama', 'openai'];
const question = 'Why is the sky blue?';
const answer = answerTo(question);

async function start(
  options: Parameters<typeof startInferenceServer>[0] = {},
  more: Parameters<typeof startRemoteEngine>[1] = {},
  env = {},
) {
  const server = await startInferenceServer(options);
  const remote = await startRemoteEngine({ OPENAI_BASE_URL: server.url, ...env }, more);
  return { ...remote, server, model: await remote.find('openai/small') };
}

describe.each(kinds)('a server that is %s', (kind) => {
  it('answers, piece by piece, and says what that took', async () => {
    const { engine, model } = await start({ kind });
    const reply = await runToEnd(engine, questionFor(model, question));
    expect(reply).toMatchObject({ text: answer, error: null, finishReason: 'stop' });
    expect(reply.usage).toMatchObject({ reusedTokens: 2, completionTokens: tokensOf(answer).length });
    expect(reply.usage?.promptTokens).toBe(tokensOf(question).length + 1);
    expect(reply.usage?.timeToFirstTokenMs).toBeGreaterThan(0);
    expect(reply.events.filter(({ type }) => type === 'text').length).toBeGreaterThan(20);
    expect(reply.events[0]).toMatchObject({ type: 'prefill', done: 0 });
    const prefill = reply.events.findLast((event) => event.type === 'prefill');
    expect(prefill?.done).toBe(prefill?.total);
  });

  it('is told how to draw in its own words, and nothing that it does not know', async () => {
    const { engine, model, server } = await start({ kind });
    await runToEnd(engine, questionFor(model, question, { stopTexts: ['never said'] }));
    const { messages, stream_options, ...told } = server.completions[0] ?? {};
    expect(messages).toEqual([{ role: 'user', content: question }]);
    expect(stream_options).toEqual({ include_usage: true });
    const all = {
      model: 'small',
      stream: true,
      max_tokens: 1000,
      temperature: 0.5,
      top_p: 0.9,
      seed: 7,
      stop: ['never said'],
    };
    const own = {
      vllm: { top_k: 40, min_p: 0.1, repetition_penalty: 1.2 },
      'llama-server': { top_k: 40, min_p: 0.1, repeat_penalty: 1.2, return_progress: true },
      ollama: {},
      openai: {},
    };
    expect(told).toEqual({ ...all, ...own[kind] });
  });

  it('ends by length, and at a text that ends the answer', async () => {
    const { engine, model } = await start({ kind });
    const short = await runToEnd(engine, questionFor(model, question, { maxTokens: 5 }));
    expect(short).toMatchObject({ text: tokensOf(answer).slice(0, 5).join(''), finishReason: 'length' });
    const stopped = await runToEnd(engine, questionFor(model, question, { stopTexts: ['vu,'] }));
    expect(stopped).toMatchObject({ text: answer.slice(0, answer.indexOf(' vu,')), finishReason: 'stop' });
  });

  it('is left the moment that a signal aborts: on the way, while the reply waits, and before', async () => {
    const { engine, model, server } = await start({ kind, slots: 1 }, {}, { MODEL_SEQUENCES: '1' });
    await engine.load(model);
    const [stop, stopWaiting] = [new AbortController(), new AbortController()];
    server.hold();
    const running = runToEnd(engine, questionFor(model, question), { signal: stop.signal });
    await expect.poll(() => server.writing).toBe(1);
    const waiting = runToEnd(engine, questionFor(model, 'Next?'), { signal: stopWaiting.signal });
    server.release(3);
    stopWaiting.abort();
    expect(await waiting).toMatchObject({ text: '', finishReason: 'cancelled', error: null });
    stop.abort();
    expect(await running).toMatchObject({ finishReason: 'cancelled', error: null });
    await expect.poll(() => server.writing).toBe(0);
    server.release();
    const before = await runToEnd(engine, questionFor(model, 'Never?'), { signal: AbortSignal.abort() });
    expect(before).toMatchObject({ text: '', finishReason: 'cancelled' });
    expect(server.completions).toHaveLength(1);
    expect((await runToEnd(engine, questionFor(model, question))).text).toBe(answer);
  });

  it('goes on with an answer that was begun, or is not asked to', async () => {
    const { engine, model, server } = await start({ kind });
    const begun = answer.slice(0, 41);
    const reply = await runToEnd(engine, questionFor(model, question, { continueText: begun }));
    if (kind === 'vllm' || kind === 'llama-server') {
      expect(reply).toMatchObject({ error: null, finishReason: 'stop' });
      expect(begun + reply.text).toBe(answer);
    } else {
      expect(reply).toMatchObject({ text: '', error: { code: 'unavailable' } });
      expect(String(reply.error)).toContain('cannot go on with an answer');
      expect(server.completions).toEqual([]);
    }
  });

  it('counts the tokens of a prompt where it can; else they are estimated, rather too many', async () => {
    const { engine, model } = await start({ kind });
    const messages = [
      { role: 'system' as const, content: 'Be brief.' },
      { role: 'user' as const, content: question },
    ];
    const counted = await engine.countPromptTokens(model, messages);
    if (kind === 'vllm') expect(counted).toBe(2 + 2 + tokensOf(question).length);
    else if (kind === 'llama-server')
      expect(counted).toBe(tokensOf(`<|system|> Be brief.\n<|user|> ${question}`).length);
    else expect(counted).toBeGreaterThan(tokensOf(question).length + 10);
  });

  it('is used as any other where only /v1 is reached', async () => {
    const { engine, model } = await start({ kind, native: false });
    const { contextLength } = await engine.load(model);
    expect(contextLength).toBe(4096);
    expect(await engine.countPromptTokens(model, [{ role: 'user', content: question }])).toBeGreaterThan(10);
    expect((await runToEnd(engine, questionFor(model, question))).text).toBe(answer);
  });

  it('refuses a conversation that is too long, with the numbers', async () => {
    const { engine, model } = await start({ kind, contextLength: 300 });
    const { error } = await runToEnd(engine, questionFor(model, 'too long '.repeat(200)));
    expect(error).toMatchObject({ code: 'prompt_too_long' });
    expect(String(error)).toContain('it has 402 tokens, and the server holds 300');
  });
});

describe('an answer that was begun', () => {
  const begun = answer.slice(0, 41);

  it.each<[string, Parameters<typeof startInferenceServer>[0]]>([
    ['begins last messages of the assistant anew', { kind: 'llama-server', prefills: false }],
    ['cannot be asked what it would do', { kind: 'llama-server', native: false }],
  ])('is not given to a llama-server that %s', async (_, options) => {
    const { engine, model, server } = await start(options);
    const reply = await runToEnd(engine, questionFor(model, question, { continueText: begun }));
    expect(reply).toMatchObject({ text: '', error: { code: 'unavailable' } });
    expect(server.completions).toEqual([]);
  });

  it('is given to any server as the settings say, or to none', async () => {
    const resumed = async (kind: ServerKind, resume: string) => {
      const server = await startInferenceServer({ kind });
      const settings = [{ name: 'box', baseUrl: server.url, resume }];
      const { engine, find } = await startRemoteEngine({ OPENAI_SERVERS: JSON.stringify(settings) });
      await runToEnd(engine, questionFor(await find('box/small'), question, { continueText: begun }));
      return server.completions[0];
    };
    const last = { role: 'assistant', content: begun };
    const asked = { messages: expect.arrayContaining([last]) };
    expect(await resumed('ollama', 'prefill')).toMatchObject(asked);
    expect(await resumed('ollama', 'prefill')).not.toHaveProperty('continue_final_message');
    expect(await resumed('openai', 'continue')).toMatchObject({ ...asked, continue_final_message: true });
    expect(await resumed('vllm', 'never')).toBeUndefined();
  });
});

describe('the window of a model', () => {
  it('is the slot of llama-server, the length of vLLM, what Ollama runs with, or set', async () => {
    const windowOf = async (kind: ServerKind, env = {}) => {
      const { engine, model } = await start({ kind, contextLength: 3000, slots: 2 }, {}, env);
      return engine.load(model);
    };
    expect(await windowOf('llama-server')).toMatchObject({ contextLength: 3000, sequences: 2, threads: null });
    expect(await windowOf('vllm')).toMatchObject({ contextLength: 3000, sequences: 8 });
    expect(await windowOf('ollama')).toMatchObject({ contextLength: 2048 });
    expect(await windowOf('openai')).toMatchObject({ contextLength: 4096 });
    for (const kind of kinds)
      expect(await windowOf(kind, { OPENAI_CONTEXT: '777' })).toMatchObject({ contextLength: 777 });
  });

  it('is asked for anew with the list', async () => {
    const { engine, model, server, catalog } = await start({ kind: 'ollama' });
    expect((await engine.load(model)).contextLength).toBe(2048);
    server.loaded.set('small', 16_384);
    catalog.forget();
    expect((await catalog.list())[0]?.remote).toMatchObject({ loaded: true });
    expect((await engine.load(model)).contextLength).toBe(16_384);
  });
});

describe('a server that goes wrong', () => {
  it.each<[string, Mishap, string, string]>([
    ['dies', { kind: 'dies', after: 7 }, 'unavailable', 'broke off in the middle of the answer'],
    ['ends without an end', { kind: 'ends early', after: 7 }, 'unavailable', 'broke off in the middle of the answer'],
    ['sends garbage', { kind: 'sends garbage', after: 7 }, 'unavailable', 'sent something else than an answer'],
    [
      'never ends an event',
      { kind: 'sends an endless event', after: 7 },
      'unavailable',
      'sent an event without an end',
    ],
    ['tells an error', { kind: 'tells an error', after: 7 }, 'unavailable', 'failed in the middle of the answer'],
    ['falls silent', { kind: 'stalls', after: 7 }, 'timeout', 'gave no answer for 1.5 seconds'],
  ])('in the middle of an answer: it %s, and what has come is kept', async (_, mishap, code, message) => {
    const { engine, model, server } = await start(
      {},
      mishap.kind === 'stalls' ? { timeouts: { nextTokenMs: 1500 } } : {},
    );
    server.plan(mishap);
    const reply = await runToEnd(engine, questionFor(model, question));
    expect(reply.text).toBe(tokensOf(answer).slice(0, 7).join(''));
    expect(reply.error).toMatchObject({ code });
    expect(String(reply.error)).toContain(message);
    expect(String(reply.error)).not.toContain('secret');
    expect(server.completions).toHaveLength(1);
    await expect.poll(() => server.writing).toBe(0);
    expect((await runToEnd(engine, questionFor(model, question))).text).toBe(answer);
  });

  it.each<[number, string, string]>([
    [400, 'unavailable', 'refuses the request (400)'],
    [401, 'unavailable', 'refuses our key (401)'],
    [404, 'unavailable', 'does not know this model or address (404)'],
    [418, 'unavailable', 'refuses the request (418)'],
  ])('by refusing: %d is told at once, and nothing that it quotes', async (status, code, message) => {
    const { engine, model, server } = await start();
    server.plan({ kind: 'answers', status, body: { error: { message: `I do not like "${question}"` } } });
    const { error } = await runToEnd(engine, questionFor(model, question));
    expect(error).toMatchObject({ code });
    expect(String(error)).toContain(message);
    expect(String(error)).not.toContain('sky');
    expect(server.completions).toHaveLength(1);
  });

  it.each([
    ['JSON', { kind: 'answers' as const, status: 200, body: { choices: [] } }],
    ['a page', { kind: 'answers' as const, status: 200, body: {}, headers: { 'content-type': 'text/html' } }],
  ])('by answering with %s where a stream was asked for', async (_, mishap) => {
    const { engine, model, server } = await start();
    server.plan(mishap);
    const { error } = await runToEnd(engine, questionFor(model, question));
    expect(String(error)).toContain('does not answer with a stream of events');
    expect((await runToEnd(engine, questionFor(model, question))).text).toBe(answer);
  });

  it('by being busy: it is asked again when it says, and the answer is whole', async () => {
    const { engine, model, server } = await start();
    const busy = { kind: 'answers' as const, status: 429, headers: { 'retry-after': '0' } };
    server.plan(busy, { ...busy, status: 503 });
    expect(await runToEnd(engine, questionFor(model, question))).toMatchObject({ text: answer, error: null });
    expect(server.completions).toHaveLength(3);
    server.plan(busy, busy, busy);
    expect((await runToEnd(engine, questionFor(model, question))).error).toMatchObject({ code: 'overloaded' });
    server.plan({ ...busy, headers: { 'retry-after': '3600' } });
    expect((await runToEnd(engine, questionFor(model, question))).error).toMatchObject({ code: 'overloaded' });
    expect(server.completions).toHaveLength(7);
  });

  it('by saying nothing at all: it is left after the time for a first token', async () => {
    const { engine, model, server } = await start({}, { timeouts: { firstTokenMs: 200 } });
    server.plan({ kind: 'is silent' });
    const { error } = await runToEnd(engine, questionFor(model, question));
    expect(error).toMatchObject({ code: 'timeout' });
    expect(server.completions).toHaveLength(1);
  });

  it('by sending us elsewhere: nobody else is asked, and no key leaves', async () => {
    const asked: string[] = [];
    const other = createServer((request, response) => {
      asked.push(String(request.headers.authorization));
      response.end();
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const { engine, model, server } = await start({ key: 'sk-1' }, {}, { OPENAI_API_KEY: 'sk-1' });
    const location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/v1/chat/completions`;
    server.plan({ kind: 'answers', status: 307, headers: { location } });
    const { error } = await runToEnd(engine, questionFor(model, question));
    expect(String(error)).toContain('answers with a redirect (307), which is not followed');
    expect(asked).toEqual([]);
    expect(server.requests.every(({ headers }) => headers.authorization === 'Bearer sk-1')).toBe(true);
  });

  it('by being gone: three tries, then it is left alone until a look finds it again and one reply has gone well', async () => {
    const { engine, model, server, servers, catalog } = await start();
    const [remote] = servers;
    await server.kill();
    const { error } = await runToEnd(engine, questionFor(model, question));
    expect(error).toMatchObject({ code: 'unavailable' });
    expect(String(error)).toContain('The server openai cannot be reached (ECONNREFUSED).');
    expect(remote?.breaker.state()).toBe('open');
    expect((await catalog.find('openai/small'))?.problem).toContain('cannot be reached');
    const started = performance.now();
    expect((await runToEnd(engine, questionFor(model, question))).error).toMatchObject({ code: 'unavailable' });
    // Tries would take longer: half a second and a second between them.
    expect(performance.now() - started).toBeLessThan(1400);

    await server.revive();
    await expect.poll(() => remote?.breaker.state()).toBe('half-open');
    expect((await catalog.find('openai/small'))?.problem).toBeNull();
    server.plan({ kind: 'dies', after: 3 });
    expect((await runToEnd(engine, questionFor(model, question))).text).not.toBe('');
    // The first token was proof enough.
    expect(remote?.breaker.state()).toBe('closed');
    expect((await runToEnd(engine, questionFor(model, question))).text).toBe(answer);
  });
});

describe('an engine over servers', () => {
  it('runs as many replies at once as the server has places; the others wait and lose nothing', async () => {
    const { engine, model, server } = await start({ kind: 'llama-server', slots: 2 });
    expect((await engine.load(model)).sequences).toBe(2);
    server.hold();
    let most = 0;
    const questions = [0, 1, 2, 3, 4].map((index) => `Question ${index}`);
    const replies = questions.map((content) =>
      runToEnd(engine, questionFor(model, content), {
        onEvent: () => {
          most = Math.max(most, server.writing);
        },
      }),
    );
    await expect.poll(() => server.writing).toBe(2);
    expect(server.completions).toHaveLength(2);
    server.release();
    const texts = (await Promise.all(replies)).map(({ text }) => text);
    expect(texts).toEqual(questions.map(answerTo));
    expect(most).toBeLessThanOrEqual(2);
  });

  it('embeds texts: one vector of length 1 each, in their order', async () => {
    const { engine, model, server } = await start();
    const texts = Array.from({ length: 70 }, (_, index) => 'x'.repeat(index + 1));
    const { vectors, tokens } = await engine.embed(model, texts);
    expect(vectors).toHaveLength(70);
    for (const [index, vector] of vectors.entries()) {
      expect(Math.hypot(...vector)).toBeCloseTo(1, 9);
      expect((vector[0] ?? 0) / (vector[1] ?? 1)).toBeCloseTo((index + 1) / 3, 9);
    }
    expect(tokens).toBe(70);
    expect(server.requests.filter(({ path }) => path === '/v1/embeddings')).toHaveLength(3);
    expect(await engine.embed(model, [])).toEqual({ vectors: [], tokens: 0 });
    const reason = new Error('enough');
    await expect(engine.embed(model, ['never'], AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it('ends everything when it is stopped, and starts again', async () => {
    const { engine, model, server } = await start();
    server.hold();
    const running = runToEnd(engine, questionFor(model, question));
    await expect.poll(() => server.writing).toBe(1);
    await engine.stop();
    expect((await running).error).toMatchObject({ code: 'stopped' });
    expect((await runToEnd(engine, questionFor(model, question))).error).toMatchObject({ code: 'stopped' });
    await expect(engine.embed(model, ['No'])).rejects.toMatchObject({ code: 'stopped' });
    await expect.poll(() => server.writing).toBe(0);
    server.release();
    engine.start();
    expect((await runToEnd(engine, questionFor(model, question))).text).toBe(answer);
  });
});

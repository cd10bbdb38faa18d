import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import OpenAI, { APIError, BadRequestError, InternalServerError, NotFoundError } from 'openai';
import { describe, expect, it } from 'vitest';
import { EngineError } from '../../server/inference/engine.ts';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { createSession, readMessage } from '../testkit/chat.ts';
import { tinyGguf } from '../testkit/malformed-gguf.ts';
import { startPortal } from '../testkit/portal.ts';
import { rest } from '../testkit/rest.ts';

/** The official client as it is; no retries, so that a test sees the first answer. */
const clientOf = (url: string, headers: Record<string, string> = {}) =>
  new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0, defaultHeaders: headers });

const question = [{ role: 'user' as const, content: 'Why?' }];
const ask = { model: 'test-model', messages: question };

async function usageOf(url: string) {
  return (await rest<{ answers: number; prompt_tokens: number; completion_tokens: number }[]>(url, 'GET', '/usage'))
    .body;
}

describe('the openai package, unchanged', () => {
  it('gets an answer', async () => {
    const { url, engine } = await startPortal();
    const completion = await clientOf(url).chat.completions.create({
      ...ask,
      messages: [{ role: 'system', content: 'Be brief.' }, ...question],
    });
    const [choice] = completion.choices;
    expect(completion).toMatchObject({ object: 'chat.completion', model: 'test-model' });
    expect(choice).toMatchObject({ index: 0, finish_reason: 'stop', message: { role: 'assistant' } });
    expect(choice?.message.content).toContain('You said: Why?');
    const { prompt_tokens = 0, completion_tokens = 0, total_tokens, prompt_tokens_details } = completion.usage ?? {};
    expect(total_tokens).toBe(prompt_tokens + completion_tokens);
    expect(prompt_tokens_details?.cached_tokens).toBe(0);
    expect(engine.requests[0]?.messages.map(({ role }) => role)).toEqual(['system', 'user']);
    expect(await usageOf(url)).toMatchObject([{ answers: 1, prompt_tokens, completion_tokens }]);
    expect((await rest<unknown[]>(url, 'GET', '/sessions')).body).toEqual([]);
  });

  it('streams one, with its usage where asked', async () => {
    const { url } = await startPortal();
    const whole = await clientOf(url).chat.completions.create(ask);
    const stream = await clientOf(url).chat.completions.create({
      ...ask,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    const ends: (string | null)[] = [];
    let usage: OpenAI.CompletionUsage | null = null;
    for await (const chunk of stream) {
      expect(chunk.object).toBe('chat.completion.chunk');
      text += chunk.choices[0]?.delta.content ?? '';
      if (chunk.choices[0]) ends.push(chunk.choices[0].finish_reason);
      usage = chunk.usage ?? null;
    }
    expect(text).toBe(whole.choices[0]?.message.content);
    expect(ends.at(-1)).toBe('stop');
    expect(ends.slice(0, -1).every((end) => end === null)).toBe(true);
    expect(usage?.completion_tokens).toBe(whole.usage?.completion_tokens);
    expect(usage?.prompt_tokens_details?.cached_tokens).toBeGreaterThan(0);

    const raw = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...ask, stream: true }),
    });
    const lines = (await raw.text()).trim().split('\n\n');
    expect(lines.at(-1)).toBe('data: [DONE]');
    expect(lines.some((line) => line.includes('"usage"'))).toBe(false);
  });

  it('its stream helper folds the answer', async () => {
    const { url } = await startPortal();
    const runner = clientOf(url).chat.completions.stream(ask);
    const final = await runner.finalChatCompletion();
    expect(final.choices[0]?.message.content).toContain('You said: Why?');
  });

  it('an abort stops the model at once, streamed and not, also of one that waits', async () => {
    const { url, engine } = await startPortal({ env: { MODEL_SEQUENCES: '2' } });
    engine.hold();
    engine.release(3);
    const streamed = await clientOf(url).chat.completions.create({ ...ask, stream: true });
    await expect.poll(() => engine.running).toBe(1);
    const leaving = new AbortController();
    const waiting = clientOf(url)
      .chat.completions.create(ask, { signal: leaving.signal })
      .catch((error: unknown) => error);
    leaving.abort();
    expect(await waiting).toBeInstanceOf(OpenAI.APIUserAbortError);
    streamed.controller.abort();
    await expect.poll(() => engine.running).toBe(0);
    engine.release();
    expect((await clientOf(url).chat.completions.create(ask)).choices[0]?.finish_reason).toBe('stop');
    expect(engine.requests).toHaveLength(2);
    expect(engine.cancelled).toHaveLength(1);
  });

  it('a turn that goes on with a conversation finds its beginning in memory', async () => {
    const { url } = await startPortal();
    const client = clientOf(url);
    const first = await client.chat.completions.create(ask);
    const messages: OpenAI.ChatCompletionMessageParam[] = [
      ...question,
      { role: 'assistant', content: first.choices[0]?.message.content ?? '' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'And ' },
          { type: 'text', text: 'then?' },
        ],
      },
    ];
    const second = await client.chat.completions.create({ ...ask, messages });
    expect(second.choices[0]?.message.content).toContain('And then?');
    expect(second.usage?.prompt_tokens_details?.cached_tokens).toBeGreaterThan(0);
  });

  it('sampling, length and stop texts hold', async () => {
    const { url, engine } = await startPortal();
    const client = clientOf(url);
    const short = await client.chat.completions.create({
      ...ask,
      max_tokens: 5,
      temperature: 0.2,
      top_p: 0.5,
      seed: 2 ** 40 + 7,
    });
    expect(short.choices[0]?.finish_reason).toBe('length');
    expect(short.usage?.completion_tokens).toBe(5);
    expect(engine.requests[0]).toMatchObject({
      maxTokens: 5,
      sampling: { temperature: 0.2, topP: 0.5, seed: 7 },
    });
    await client.chat.completions.create({ ...ask, max_completion_tokens: 6, max_tokens: 9 });
    expect(engine.requests[1]?.maxTokens).toBe(6);
    for (const stop of ['Why', ['nothing', 'Why']]) {
      const stopped = await client.chat.completions.create({ ...ask, stop });
      expect(stopped.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'You said: ' } });
    }
  });

  it('lists the models, and names one', async () => {
    const { url } = await startPortal();
    const client = clientOf(url);
    const names: string[] = [];
    for await (const model of client.models.list()) names.push(model.id);
    expect(names).toEqual(['test-model']);
    expect(await client.models.retrieve('test-model')).toMatchObject({ id: 'test-model', object: 'model' });
    await expect(client.models.retrieve('gpt-4')).rejects.toBeInstanceOf(NotFoundError);
  });

  it('errors are of its own classes, with what is wrong', async () => {
    const { url, engine } = await startPortal();
    const client = clientOf(url);
    const failure = async (body: object) => {
      const error = await client.chat.completions
        .create({ ...ask, ...body } as OpenAI.ChatCompletionCreateParamsNonStreaming)
        .then(
          () => null,
          (thrown: unknown) => thrown,
        );
      return error as APIError;
    };
    expect(await failure({ model: 'gpt-4' })).toBeInstanceOf(NotFoundError);
    for (const [body, param] of [
      [{ messages: [] }, 'messages'],
      [{ messages: [{ role: 'assistant', content: 'Hm.' }] }, 'messages'],
      [{ messages: [{ role: 'tool', content: '1', tool_call_id: 'x' }] }, 'messages.0.role'],
      [
        { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }] },
        'messages.0.content',
      ],
      [{ n: 2 }, 'n'],
      [{ response_format: { type: 'json_object' } }, 'response_format.type'],
      [{ tools: [{ type: 'function', function: { name: 'f' } }] }, 'tools'],
      [{ logprobs: true }, 'logprobs'],
      [{ logit_bias: { 5: 1 } }, 'logit_bias.5'],
      [{ presence_penalty: 1 }, 'presence_penalty'],
      [{ temperature: 3 }, 'temperature'],
      [{ stop: ['a', 'b', 'c', 'd', 'e'] }, 'stop'],
    ] as const) {
      const error = await failure(body);
      expect(error).toBeInstanceOf(BadRequestError);
      expect([error.param, error.type]).toEqual([param, 'invalid_request_error']);
    }
    const long = await failure({ messages: [{ role: 'user', content: 'x'.repeat(20_000) }] });
    expect([long.status, long.param]).toEqual([400, 'messages']);
    engine.failNext(new EngineError('crashed', 'gone'), 3);
    expect(await failure({})).toBeInstanceOf(InternalServerError);
    const elsewhere = await fetch(`${url}/v1/nothing`);
    expect(elsewhere.status).toBe(404);
    expect(await elsewhere.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
    const broken = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{',
    });
    expect(broken.status).toBe(400);
    expect(await broken.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
  });

  it('a failure in mid-stream reaches the client as an error', async () => {
    const { url, engine } = await startPortal();
    engine.failNext(new EngineError('crashed', 'gone'), 3);
    const stream = await clientOf(url).chat.completions.create({ ...ask, stream: true });
    const read = async () => {
      for await (const _ of stream);
    };
    await expect(read()).rejects.toBeInstanceOf(APIError);
  });

  it('what it does not know, and what says nothing, is left alone', async () => {
    const { url } = await startPortal();
    const completion = await clientOf(url).chat.completions.create({
      ...ask,
      user: 'me',
      store: true,
      metadata: { chat: '1' },
      n: 1,
      tools: [],
      tool_choice: 'none',
      logprobs: false,
      logit_bias: {},
      presence_penalty: 0,
      frequency_penalty: 0,
      response_format: { type: 'text' },
      stop: null,
      reasoning_effort: 'low',
      ...{ keep_alive: '5m', options: { num_ctx: 4096 } },
    });
    expect(completion.choices).toHaveLength(1);
  });

  it('a full queue is 503, and one user’s many do not keep the chat from its turn', async () => {
    const { url, engine } = await startPortal({
      engine: createScriptedEngine({ sequences: 2 }),
      env: { MODEL_SEQUENCES: '2', QUEUE_MAX: '2' },
    });
    engine.hold();
    const client = clientOf(url);
    // One runs and two wait; which one finds no place is the network's choice.
    const asked = [1, 2, 3, 4].map(() =>
      client.chat.completions.create(ask).then(
        ({ choices }) => choices[0]?.finish_reason,
        (error: unknown) => error,
      ),
    );
    await expect.poll(() => engine.running).toBe(1);
    expect(await Promise.race(asked)).toBeInstanceOf(InternalServerError);
    const chat = rest<{ status: string }>(url, 'POST', '/chat', {
      session_id: await createSession(url),
      prompt: 'Me?',
    });
    await expect.poll(() => engine.running).toBe(2);
    engine.release();
    expect((await chat).body.status).toBe('complete');
    expect((await Promise.all(asked)).filter((end) => end === 'stop')).toHaveLength(3);
  });

  it('gets embeddings, in the order of the texts, as bytes and as numbers', async () => {
    const { url } = await startPortal({ env: { EMBEDDING_MODEL: 'test-model' } });
    const client = clientOf(url);
    const input = ['Is it raining?', 'Is the sun shining?', 'Is it raining?'];
    const { object, data, model, usage } = await client.embeddings.create({ model: 'test-model', input });
    expect({ object, model }).toEqual({ object: 'list', model: 'test-model' });
    expect(data.map(({ object: kind, index }) => [kind, index])).toEqual([0, 1, 2].map((at) => ['embedding', at]));
    const vectors = data.map(({ embedding }) => embedding);
    for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    expect(vectors[2]).toEqual(vectors[0]);
    expect(vectors[1]).not.toEqual(vectors[0]);
    expect(usage.total_tokens).toBe(usage.prompt_tokens);

    // What the package asks for by itself are bytes; they are the same numbers.
    const numbers = await client.embeddings.create({ model: 'test-model', input, encoding_format: 'float' });
    expect(vectors).toEqual(numbers.data.map(({ embedding }) => [...Float32Array.from(embedding)]));
    const one = await client.embeddings.create({ model: 'test-model', input: input[1] ?? '' });
    expect(one.data.map(({ embedding }) => embedding)).toEqual([vectors[1]]);
    expect(one.usage.prompt_tokens).toBeLessThan(usage.prompt_tokens);
    const all = 2 * usage.prompt_tokens + one.usage.prompt_tokens;
    expect(await usageOf(url)).toMatchObject([{ prompt_tokens: all, completion_tokens: 0 }]);
  });

  it('a model that can only embed is listed, embeds, and answers nothing', async () => {
    const { url, config } = await startPortal({ env: { EMBEDDING_MODEL: 'bert' } });
    await writeFile(
      path.join(config.models.dir, 'bert.gguf'),
      tinyGguf({ 'general.architecture': { type: 'string', value: 'bert' } }),
    );
    const client = clientOf(url);
    const listed = (await client.models.list()).data.map(({ id }) => id);
    expect(listed.sort()).toEqual(['bert', 'test-model']);
    expect((await client.embeddings.create({ model: 'bert', input: 'Why?' })).data).toHaveLength(1);
    const refused = await client.chat.completions.create({ ...ask, model: 'bert' }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ status: 503, code: 'model_unavailable' });
  });

  it('embeddings that cannot be given say why', async () => {
    const { url, engine } = await startPortal({ env: { EMBEDDING_MODEL: 'test-model' } });
    const refusalOf = (params: Partial<OpenAI.EmbeddingCreateParams>) =>
      clientOf(url)
        .embeddings.create({ model: 'test-model', input: 'x', ...params })
        .catch((error: unknown) => error);
    const wrong: [Partial<OpenAI.EmbeddingCreateParams>, string, RegExp][] = [
      [{ input: ['fine', ' \n'] }, 'input.1', /must not be blank/],
      [{ input: [] }, 'input', /must hold a text/],
      [{ input: Array<string>(257).fill('x') }, 'input', /at most 256 texts/],
      [{ input: 'x'.repeat(32_001) }, 'input.0', /at most 32000 characters/],
      [{ input: ['short', 'x '.repeat(10_000)] }, 'input', /Text 2 of 2 has \d+ tokens; the model can hold 4096/],
      [{ input: [1, 2, 3] }, 'input', /tokens are not taken/],
      [{ input: [[1, 2], [3]] }, 'input', /tokens are not taken/],
      [{ dimensions: 8 }, 'dimensions', /must be left out/],
    ];
    for (const [params, param, message] of wrong) {
      const refused = await refusalOf(params);
      expect(refused).toBeInstanceOf(BadRequestError);
      expect(refused).toMatchObject({ status: 400, param, code: 'invalid_value', type: 'invalid_request_error' });
      expect(String(refused)).toMatch(message);
    }
    const other = await refusalOf({ model: 'text-embedding-3-small' });
    expect(other).toBeInstanceOf(NotFoundError);
    expect(String(other)).toContain('this portal has test-model');

    engine.hold();
    const under = refusalOf({});
    await expect.poll(() => engine.embedding).toBe(1);
    engine.crash();
    expect(await under).toMatchObject({ status: 500, error: { message: 'The embedding model stopped unexpectedly.' } });
    expect(await usageOf(url)).toEqual([]);
  });

  it('without a model for them, embeddings are 503 with the reason', async () => {
    for (const [env, reason] of [
      [{}, 'EMBEDDING_MODEL is not set'],
      [{ EMBEDDING_MODEL: 'missing' }, 'EMBEDDING_MODEL names missing, which is not in the models folder.'],
    ] as const) {
      const { url } = await startPortal({ env });
      const refused = await clientOf(url)
        .embeddings.create({ model: 'any', input: 'x' })
        .catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(InternalServerError);
      expect(refused).toMatchObject({ status: 503, code: 'model_unavailable' });
      expect(String(refused)).toContain(reason);
    }
  });

  it('a client that goes away stops its embeddings, and the next has its turn', async () => {
    const { url, engine } = await startPortal({ env: { EMBEDDING_MODEL: 'test-model' } });
    const client = clientOf(url);
    engine.hold();
    const leaving = new AbortController();
    const left = client.embeddings.create({ model: 'test-model', input: ['one', 'two'] }, { signal: leaving.signal });
    await expect.poll(() => engine.embedding).toBe(1);
    leaving.abort();
    await expect(left).rejects.toThrow('aborted');
    await expect.poll(() => engine.embedding).toBe(0);
    engine.release();
    expect((await client.embeddings.create({ model: 'test-model', input: 'three' })).data).toHaveLength(1);
  });
});

describe('with X-Session-Id', () => {
  it('the exchange is kept in that session, which is the history', async () => {
    const { url, engine } = await startPortal();
    const sessionId = await createSession(url);
    const client = clientOf(url, { 'X-Session-Id': sessionId });
    const first = await client.chat.completions.create({
      ...ask,
      temperature: 0.1,
      messages: [{ role: 'system', content: 'Be brief.' }, ...question],
    });
    const stream = await client.chat.completions.create({
      ...ask,
      stream: true,
      stream_options: { include_usage: true },
      messages: [{ role: 'user', content: 'And then?' }],
    });
    let text = '';
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      usage = chunk.usage;
    }
    const kept = await rest<{ system_prompt: string; messages: { content: string }[] }>(
      url,
      'GET',
      `/sessions/${sessionId}`,
    );
    const answer = first.choices[0]?.message.content;
    expect(kept.body.system_prompt).toBe('Be brief.');
    expect(kept.body.messages.map(({ content }) => content)).toEqual(['Why?', answer, 'And then?', text]);
    expect(engine.requests[0]?.sampling.temperature).toBe(0.1);
    expect(engine.requests[1]?.messages.map(({ content }) => content)).toEqual([
      'Be brief.',
      'Why?',
      answer,
      'And then?',
    ]);
    expect(usage?.completion_tokens).toBeGreaterThan(0);
  });

  it('a client that goes away stops nothing', async () => {
    const { url, engine } = await startPortal();
    engine.hold();
    engine.release(3);
    const sessionId = await createSession(url);
    const stream = await clientOf(url, { 'X-Session-Id': sessionId }).chat.completions.create({ ...ask, stream: true });
    await expect.poll(() => engine.running).toBe(1);
    stream.controller.abort();
    engine.release();
    const messages = async () =>
      (await rest<{ message_id: string; status: string }[]>(url, 'GET', `/sessions/${sessionId}/messages`)).body;
    await expect.poll(async () => (await messages()).at(-1)?.status).toBe('complete');
    const last = (await messages()).at(-1)?.message_id ?? '';
    expect((await readMessage(url, last))?.content).toContain('You said: Why?');
  });

  it('an unknown session is not found', async () => {
    const { url } = await startPortal();
    for (const id of [crypto.randomUUID(), 'x']) {
      const asked = clientOf(url, { 'X-Session-Id': id }).chat.completions.create(ask);
      await expect(asked).rejects.toBeInstanceOf(NotFoundError);
    }
  });
});

import { describe, expect, it } from 'vitest';
import {
  type Embedding,
  type Engine,
  EngineError,
  type EngineEvent,
  type EngineUsage,
  type GenerateRequest,
  type ModelFile,
} from '../../server/inference/engine.ts';

export interface EngineUnderTest {
  engine: Engine;
  model: ModelFile;
  /** Another model that can be loaded. */
  otherModel: ModelFile;
  /** The one that the engine was made with. */
  sharedSystemPrompt: string;
}

interface Ability {
  /** False of an engine whose models are behind a server: what that holds of them is its own business, and its tokens are not seen. */
  holdsModels?: boolean;
}

export interface Outcome {
  text: string;
  pieces: string[];
  /** How many were drawn. */
  tokens: number;
  tokenIds: number[];
  prefill: Extract<EngineEvent, { type: 'prefill' }>[];
  finishReason: Extract<EngineEvent, { type: 'end' }>['finishReason'];
  usage: EngineUsage;
}

const sampling = { temperature: 0, topP: 0.95, topK: 40, minP: 0, repeatPenalty: 1, seed: null };

export function requestOf(model: ModelFile, content: string, changes: Partial<GenerateRequest> = {}): GenerateRequest {
  const messages = [
    { role: 'system' as const, content: 'Be brief.' },
    { role: 'user' as const, content },
  ];
  return { model, conversation: content, messages, sampling, maxTokens: 40, ...changes };
}

/** Runs a reply to its end, and checks what holds for every reply. `onEvent` may abort it on the way. */
export async function runReply(
  engine: Engine,
  request: GenerateRequest,
  { signal = new AbortController().signal, onEvent = (_: EngineEvent) => {} } = {},
): Promise<Outcome> {
  const events: EngineEvent[] = [];
  for await (const event of engine.generate(request, signal)) {
    events.push(event);
    onEvent(event);
  }
  const last = events.at(-1);
  if (last?.type !== 'end') throw new Error('the reply has no end');
  expect(events.filter(({ type }) => type === 'end')).toHaveLength(1);
  const texts = events.filter((event) => event.type === 'text');
  const prefill = events.filter((event) => event.type === 'prefill');
  for (const { text } of texts) expect(text.isWellFormed() && !text.includes('\0')).toBe(true);
  const tokenIds = texts.flatMap(({ tokenIds: ids }) => ids);
  const { completionTokens: tokens } = last.usage;
  // Where it is not known which they are, those without text may not be told at all.
  const told = texts.reduce((sum, event) => sum + (event.tokens ?? event.tokenIds.length), 0);
  if (texts.some((event) => event.tokens !== undefined)) expect(tokens).toBeGreaterThanOrEqual(told);
  else expect(tokens).toBe(tokenIds.length);
  const pieces = texts.map(({ text }) => text);
  return {
    text: pieces.join(''),
    pieces,
    tokens,
    tokenIds,
    prefill,
    finishReason: last.finishReason,
    usage: last.usage,
  };
}

/** What every engine promises, whatever it runs; and what one that holds its models itself promises beside. */
export function describeEngineContract(
  name: string,
  open: () => Promise<EngineUnderTest>,
  { holdsModels = true }: Ability = {},
): void {
  const itHolding = (promise: string, body: () => Promise<void>) => {
    if (holdsModels) it(promise, body);
  };
  describe(`${name} keeps the engine's contract`, () => {
    it('reads the prompt, gives text, and ends once', async () => {
      const { engine, model } = await open();
      const reply = await runReply(engine, requestOf(model, 'What is a contract?'));
      expect(reply.finishReason).toBe('length');
      expect(reply.tokens).toBe(40);
      expect(reply.text.length).toBeGreaterThan(40);
      const last = reply.prefill.at(-1);
      expect(reply.prefill.at(0)).toMatchObject({ done: 0, total: last?.total, reused: 0 });
      expect(last?.done).toBe(last?.total);
      if (holdsModels) expect(last?.total).toBe(reply.usage.promptTokens);
      expect(reply.usage.promptTokens).toBeGreaterThan(0);
      expect(reply.usage.timeToFirstTokenMs).toBeGreaterThan(0);
    });

    itHolding('counts exactly the tokens that a reply reads', async () => {
      const { engine, model } = await open();
      const request = requestOf(model, 'How many tokens are these — 你好?');
      const counted = await engine.countPromptTokens(model, request.messages);
      expect((await runReply(engine, request)).usage.promptTokens).toBe(counted);
    });

    itHolding('loads on demand, says what is loaded, and lets go', async () => {
      const { engine, model } = await open();
      await runReply(engine, requestOf(model, 'Load yourself.', { maxTokens: 1 }));
      expect(engine.status()).toMatchObject({ state: 'ready', loaded: { name: model.name }, problem: null });
      expect(await engine.load(model)).toEqual(engine.status().loaded);
      await engine.unload();
      expect(engine.status().loaded).toBeNull();
      await runReply(engine, requestOf(model, 'And again.', { maxTokens: 1 }));
    });

    itHolding('swaps models after the replies of the one before, and back', async () => {
      const { engine, model, otherModel } = await open();
      const order: string[] = [];
      const run = async (file: ModelFile, label: string) => {
        await runReply(engine, requestOf(file, label));
        order.push(label);
      };
      await Promise.all([run(model, 'first'), run(otherModel, 'second'), run(model, 'third')]);
      expect(order).toEqual(['first', 'second', 'third']);
    });

    it('runs as many replies at once as there are sequences; more wait in order of arrival', async () => {
      const { engine, model } = await open();
      const { sequences } = await engine.load(model);
      let running = 0;
      let most = 0;
      const begun: number[] = [];
      await Promise.all(
        Array.from({ length: sequences * 2 + 1 }, (_, index) => {
          let started = false;
          return runReply(engine, requestOf(model, `Question ${index}`), {
            onEvent: ({ type }) => {
              if (!started) {
                started = true;
                begun.push(index);
                most = Math.max(most, ++running);
              }
              if (type === 'end') running--;
            },
          });
        }),
      );
      expect(most).toBe(sequences);
      expect(begun.slice(sequences)).toEqual(begun.slice(sequences).sort((a, b) => a - b));
    });

    it('ends cancelled where its signal aborts: on the way, while it waits, and before', async () => {
      const { engine, model } = await open();
      const { sequences } = await engine.load(model);
      const stop = new AbortController();
      const others = Array.from({ length: sequences }, (_, index) =>
        runReply(engine, requestOf(model, `Long ${index}`, { maxTokens: 1000 }), {
          signal: stop.signal,
          onEvent: ({ type }) => {
            if (type === 'text') stopWaiting.abort();
          },
        }),
      );
      const stopWaiting = new AbortController();
      const waiting = await runReply(engine, requestOf(model, 'Waiting'), { signal: stopWaiting.signal });
      expect(waiting).toMatchObject({ finishReason: 'cancelled', text: '', usage: { completionTokens: 0 } });
      stop.abort();
      for (const reply of await Promise.all(others)) expect(reply.finishReason).toBe('cancelled');
      const before = await runReply(engine, requestOf(model, 'Never'), { signal: AbortSignal.abort() });
      expect(before.finishReason).toBe('cancelled');
      expect((await runReply(engine, requestOf(model, 'Afterwards'))).finishReason).toBe('length');
    });

    itHolding('keeps what a conversation has read, and shares it with no other', async () => {
      const { engine, model } = await open();
      const request = requestOf(model, 'Remember me.', { conversation: 'one' });
      const first = await runReply(engine, request);
      expect(first.usage.reusedTokens).toBe(0);
      const messages = [
        ...request.messages,
        { role: 'assistant' as const, content: first.text },
        { role: 'user' as const, content: 'Go on.' },
      ];
      const followUp = await runReply(engine, { ...request, messages });
      // Those that open the answer may be rendered otherwise once it is there.
      expect(followUp.usage.reusedTokens).toBeGreaterThanOrEqual(first.usage.promptTokens - 8);
      const stranger = await runReply(engine, { ...request, messages, conversation: 'two' });
      expect(stranger.usage.reusedTokens).toBe(0);
      expect(stranger.text).toBe(followUp.text);
    });

    itHolding('keeps more conversations than it has sequences', async () => {
      const { engine, model } = await open();
      const { sequences } = await engine.load(model);
      const turns = Array.from({ length: sequences + 3 }, (_, index) =>
        requestOf(model, `Is this question number ${index}?`, { conversation: `many ${index}`, maxTokens: 5 }),
      );
      for (const turn of turns) {
        const { usage, text, tokenIds } = await runReply(engine, turn);
        const messages = [
          ...turn.messages,
          { role: 'assistant' as const, content: text, tokenIds },
          { role: 'user' as const, content: 'Go on.' },
        ];
        Object.assign(turn, { messages, known: usage.promptTokens });
      }
      for (const turn of turns) {
        const { usage } = await runReply(engine, turn);
        expect(usage.reusedTokens).toBeGreaterThanOrEqual((turn as unknown as { known: number }).known);
      }
    });

    itHolding('forgets a conversation, also one that is under way', async () => {
      const { engine, model } = await open();
      const request = requestOf(model, 'Forget me.', { conversation: 'to be forgotten' });
      await runReply(engine, request);
      await engine.forget('to be forgotten');
      expect((await runReply(engine, request)).usage.reusedTokens).toBe(0);
      let forgetting: Promise<void> | null = null;
      const running = await runReply(engine, request, {
        onEvent: ({ type }) => {
          if (type === 'text') forgetting ??= engine.forget('to be forgotten');
        },
      });
      expect(running.finishReason).toBe('length');
      await forgetting;
      expect((await runReply(engine, request)).usage.reusedTokens).toBe(0);
      await engine.forget('never heard of');
    });

    itHolding(
      'begins every conversation with what the configured system prompt has made, and with nothing else of others',
      async () => {
        const { engine, model, sharedSystemPrompt } = await open();
        const ask = (conversation: string, system: string) => {
          const messages = [
            { role: 'system' as const, content: system },
            { role: 'user' as const, content: 'The very same question.' },
          ];
          return runReply(engine, requestOf(model, '', { conversation, messages, maxTokens: 3 }));
        };
        const first = await ask('shared 1', sharedSystemPrompt);
        expect(first.usage.reusedTokens).toBeGreaterThan(sharedSystemPrompt.length / 10);
        const second = await ask('shared 2', sharedSystemPrompt);
        expect(second.usage.reusedTokens).toBe(first.usage.reusedTokens);
        expect(second.text).toBe(first.text);
        const other = await ask('shared 3', 'Another system prompt, of one session alone.');
        expect(other.usage.reusedTokens).toBe(0);
        expect((await ask('shared 4', 'Another system prompt, of one session alone.')).usage.reusedTokens).toBe(0);
      },
    );

    itHolding('goes on with an answer that was begun, as if it had never stopped', async () => {
      const { engine, model } = await open();
      const request = requestOf(model, 'Tell me a story.', { maxTokens: 60 });
      const whole = await runReply(engine, request);
      for (const cut of [1, 7, 20, 33, 59]) {
        const continueFrom = whole.tokenIds.slice(0, cut);
        const rest = await runReply(engine, {
          ...request,
          conversation: `cut ${cut}`,
          maxTokens: 60 - cut,
          continueFrom,
        });
        expect(rest.text).toBe(whole.pieces.slice(cut).join(''));
        expect(rest.usage).toMatchObject({ promptTokens: whole.usage.promptTokens, completionTokens: 60 - cut });
      }
    });

    itHolding('goes on with an answer that begins with a text of somebody else', async () => {
      const { engine, model } = await open();
      const { ids: continueFrom } = await engine.tokenize(model, 'Once upon a time — <|im_end|> 你好 —');
      // As a special token it would be one.
      expect(continueFrom.length).toBeGreaterThan(9);
      const request = requestOf(model, 'Tell me a story.', { conversation: 'begun by another' });
      const reply = await runReply(engine, { ...request, continueFrom });
      expect(reply.usage).toMatchObject({ completionTokens: 40 });
      expect(reply.prefill.at(-1)?.total).toBe(reply.usage.promptTokens + continueFrom.length);
      expect(await engine.tokenize(model, '')).toEqual({ count: 0, ids: [] });
    });

    it('refuses a prompt that leaves no room, with the numbers', async () => {
      const { engine, model } = await open();
      const { contextLength } = await engine.load(model);
      const request = requestOf(model, 'too long '.repeat(contextLength));
      const tokens = await engine.countPromptTokens(model, request.messages);
      const refused = await runReply(engine, request).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(EngineError);
      expect(refused).toMatchObject({ code: 'prompt_too_long' });
      if (holdsModels) expect(String(refused)).toContain(String(tokens));
      expect(String(refused)).toContain(String(contextLength));
    });

    itHolding('ends by length where the context is full', async () => {
      const { engine, model } = await open();
      const { contextLength } = await engine.load(model);
      const request = requestOf(model, 'Go on for ever.', { maxTokens: 100_000 });
      const reply = await runReply(engine, request);
      if (reply.finishReason === 'stop') return;
      expect(reply.usage.promptTokens + reply.usage.completionTokens).toBe(contextLength);
    });

    it('ends at a text that it was given, which is no part of the answer', async () => {
      const { engine, model } = await open();
      const whole = await runReply(engine, requestOf(model, 'Where does it stop?'));
      const characters = [...whole.text];
      const stop = characters.slice(characters.length / 2, characters.length / 2 + 3).join('');
      const stopped = await runReply(
        engine,
        requestOf(model, 'Where does it stop?', { stopTexts: ['never said', stop] }),
      );
      expect(stopped.text).toBe(whole.text.slice(0, whole.text.indexOf(stop)));
      expect(stopped.finishReason).toBe('stop');
      expect(stopped.tokens).toBeLessThan(whole.tokens);
    });

    it('gives one vector of length 1 a text, in order, and equal ones to equal texts', async () => {
      const { engine, otherModel } = await open();
      const texts = ['Is it raining?', 'A long day, 你好 🙂.', 'Is it raining?', '<|im_end|>'];
      const { vectors, tokens } = await engine.embed(otherModel, texts);
      expect(vectors).toHaveLength(4);
      for (const vector of vectors) {
        expect(vector).toHaveLength(vectors[0]?.length ?? 0);
        expect(Math.hypot(...vector)).toBeCloseTo(1, 9);
      }
      expect(vectors[2]).toEqual(vectors[0]);
      expect(vectors[1]).not.toEqual(vectors[0]);
      expect(vectors[3]).not.toEqual(vectors[0]);
      const one = await engine.embed(otherModel, [texts[1] ?? '']);
      expect(one.vectors).toEqual([vectors[1]]);
      expect(tokens).toBeGreaterThan(one.tokens);
      expect(await engine.embed(otherModel, [])).toEqual({ vectors: [], tokens: 0 });
    });

    itHolding('computes embeddings beside the loaded model and its replies', async () => {
      const { engine, model, otherModel } = await open();
      await engine.load(model);
      let embedding: Promise<Embedding> | null = null;
      const reply = await runReply(engine, requestOf(model, 'Go on beside it.', { conversation: 'beside' }), {
        onEvent: ({ type }) => {
          if (type === 'text') embedding ??= engine.embed(otherModel, ['one', 'two']);
        },
      });
      expect(reply.finishReason).toBe('length');
      expect((await (embedding as Promise<Embedding> | null))?.vectors).toHaveLength(2);
      expect(engine.status().loaded?.name).toBe(model.name);
    });

    itHolding('refuses to embed a text that is too long, with the numbers, and goes on', async () => {
      const { engine, otherModel } = await open();
      const refused = await engine
        .embed(otherModel, ['short', 'too long '.repeat(5000)])
        .catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(EngineError);
      expect(refused).toMatchObject({ code: 'prompt_too_long' });
      expect(String(refused)).toMatch(/Text 2 of 2 has \d+ tokens; the model can hold \d+\./);
      expect((await engine.embed(otherModel, ['short'])).vectors).toHaveLength(1);
    });

    it('stops embedding where its signal aborts, and serves the next', async () => {
      const { engine, otherModel } = await open();
      const reason = new Error('enough');
      await expect(engine.embed(otherModel, ['never'], AbortSignal.abort(reason))).rejects.toBe(reason);
      const stop = new AbortController();
      const under = engine.embed(otherModel, Array<string>(2000).fill('Word after word.'), stop.signal);
      const other = engine.embed(otherModel, ['Between the texts of another.']);
      expect((await other).vectors).toHaveLength(1);
      stop.abort(reason);
      await expect(under).rejects.toBe(reason);
      expect((await engine.embed(otherModel, ['Afterwards.'])).vectors).toHaveLength(1);
    });

    it('ends everything when it is stopped, and starts again', async () => {
      const { engine, model } = await open();
      const running = runReply(engine, requestOf(model, 'Stop', { maxTokens: 1000 }), {
        onEvent: ({ type }) => {
          if (type === 'text') void engine.stop();
        },
      });
      await expect(running).rejects.toMatchObject({ code: 'stopped' });
      await engine.stop();
      await expect(runReply(engine, requestOf(model, 'No'))).rejects.toMatchObject({ code: 'stopped' });
      await expect(engine.embed(model, ['No'])).rejects.toMatchObject({ code: 'stopped' });
      expect(engine.status()).toMatchObject({ state: 'stopped', loaded: null });
      engine.start();
      expect((await runReply(engine, requestOf(model, 'Yes'))).finishReason).toBe('length');
    });
  });
}

import { describe, expect, it } from 'vitest';
import { EngineError } from '../../server/inference/engine.ts';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { describeEngineContract, requestOf, runReply } from './engine-contract.ts';

const model = { name: 'test', path: '/models/test.gguf' };
const otherModel = { name: 'other', path: '/models/other.gguf' };

describeEngineContract('the scripted engine', async () => {
  const sharedSystemPrompt = 'Everybody is told to be kind, to be brief and to tell the truth.';
  const engine = createScriptedEngine({ sequences: 4, contextLength: 512, sharedSystemPrompt });
  engine.start();
  return { engine, model, otherModel, sharedSystemPrompt };
});

describe('the scripted engine', () => {
  it('gives the answer of its script, in tokens that may end inside a character', async () => {
    const engine = createScriptedEngine({ script: () => 'Ab 😀😀😀 cd' });
    engine.start();
    const reply = await runReply(engine, requestOf(model, 'Hi'));
    expect(reply).toMatchObject({ text: 'Ab 😀😀😀 cd', finishReason: 'stop' });
    expect(reply.pieces).toContain('');
  });

  it('stands still while it is held, and goes token by token', async () => {
    const engine = createScriptedEngine();
    engine.start();
    engine.hold();
    let tokens = 0;
    let arrived = () => {};
    const reply = runReply(engine, requestOf(model, 'Hi'), {
      onEvent: ({ type }) => {
        if (type === 'text' && ++tokens === 2) arrived();
      },
    });
    await new Promise<void>((resolve) => {
      arrived = resolve;
      engine.release(2);
    });
    expect(engine.running).toBe(1);
    engine.release();
    expect((await reply).tokenIds).toHaveLength(40);
    expect(engine.running).toBe(0);
    expect(engine.requests.map(({ conversation }) => conversation)).toEqual(['Hi']);
  });

  it('lets go of a held reply at once when it is aborted', async () => {
    const engine = createScriptedEngine();
    engine.start();
    engine.hold();
    const stop = new AbortController();
    const reply = runReply(engine, requestOf(model, 'Hi'), {
      signal: stop.signal,
      onEvent: ({ type }) => {
        if (type === 'prefill') stop.abort();
      },
    });
    expect((await reply).finishReason).toBe('cancelled');
    expect(engine.cancelled).toMatchObject([{ conversation: 'Hi' }]);
  });

  it('fails and crashes when it is told to', async () => {
    const engine = createScriptedEngine();
    engine.start();
    engine.failNext(new EngineError('crashed', 'as planned'), 5);
    let tokens = 0;
    const onEvent = ({ type }: { type: string }) => {
      if (type === 'text') tokens++;
    };
    await expect(runReply(engine, requestOf(model, 'Hi'), { onEvent })).rejects.toThrow('as planned');
    expect(tokens).toBe(5);
    const crashing = runReply(engine, requestOf(model, 'Hi'), { onEvent: () => engine.crash() });
    await expect(crashing).rejects.toMatchObject({ code: 'crashed' });
    expect((await runReply(engine, requestOf(model, 'Hi'))).finishReason).toBe('length');
  });
});

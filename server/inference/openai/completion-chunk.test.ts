import { describe, expect, it } from 'vitest';
import { readChunk } from './completion-chunk.ts';
import { ServerError } from './server-error.ts';

const read = (chunk: unknown) => readChunk('box', JSON.stringify(chunk));
const nothing = { text: null, thinks: false, finishReason: null, usage: null, progress: null };

describe('an event of a streamed answer', () => {
  it('tells text, thoughts, an end, usage and progress, each where it is there', () => {
    expect(read({ choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: null }], usage: null })).toEqual({
      ...nothing,
      text: 'Hi',
    });
    expect(read({ choices: [{ delta: { role: 'assistant', content: null } }] })).toEqual(nothing);
    expect(read({ choices: [{ delta: { reasoning_content: 'Hm' } }] })).toEqual({ ...nothing, thinks: true });
    expect(read({ choices: [{ delta: { content: '', reasoning: 'Hm' } }] })).toEqual({
      ...nothing,
      text: '',
      thinks: true,
    });
    for (const [said, finishReason] of Object.entries({ stop: 'stop', length: 'length', content_filter: 'stop' })) {
      expect(read({ choices: [{ delta: {}, finish_reason: said }] })).toEqual({ ...nothing, finishReason });
    }
    const usage = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 };
    expect(read({ choices: [], usage }).usage).toEqual({ promptTokens: 9, reusedTokens: 0, completionTokens: 4 });
    const detailed = { ...usage, prompt_tokens_details: { cached_tokens: 7 } };
    expect(read({ choices: [], usage: detailed }).usage?.reusedTokens).toBe(7);
    const prompt_progress = { total: 100, cache: 10, processed: 60, time_ms: 5 };
    expect(read({ choices: [{ delta: {} }], prompt_progress }).progress).toEqual({ done: 60, total: 100, reused: 10 });
  });

  it('is believed in what it can be where the figures beside it are nonsense', () => {
    const usage = { prompt_tokens: -1, completion_tokens: 'many' };
    expect(read({ choices: [{ delta: { content: 'Hi' } }], usage, prompt_progress: 7 })).toEqual({
      ...nothing,
      text: 'Hi',
    });
  });

  it.each([
    ['OpenAI and llama-server', { error: { code: 500, message: 'secret', type: 'server_error' } }],
    ['Ollama', { error: 'secret' }],
    ['an older vLLM', { object: 'error', message: 'secret', code: 400 }],
  ])('that is an error of %s is one, without its words', (_, chunk) => {
    expect(() => read(chunk)).toThrow(ServerError);
    expect(() => read(chunk)).toThrow('The server box failed in the middle of the answer.');
  });

  it.each(['', 'null', '7', '{', '<html>', '[]', '{"choices":{}}', '{"choices":[{"delta":{"content":7}}]}'])(
    'that is %j is no answer',
    (data) => {
      expect(() => readChunk('box', data)).toThrow('The server box sent something else than an answer.');
    },
  );
});

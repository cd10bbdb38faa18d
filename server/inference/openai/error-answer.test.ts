import { describe, expect, it } from 'vitest';
import { errorOfAnswer, parseRetryAfter } from './error-answer.ts';

const errorOf = (status: number, body = '', retryAfter?: string) => errorOfAnswer('box', { status, body, retryAfter });

describe('an answer that is no success', () => {
  it.each([
    [
      'llama-server',
      '{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error","n_prompt_tokens":5012,"n_ctx":4096}}',
    ],
    [
      'vLLM',
      `{"message":"This model's maximum context length is 4096 tokens. However, you requested 5012 tokens in the messages."}`,
    ],
    [
      'OpenAI',
      `{"error":{"message":"This model's maximum context length is 4096 tokens, your messages resulted in 5012 tokens.","code":"context_length_exceeded"}}`,
    ],
    [
      'this portal',
      '{"error":{"message":"The prompt has 5012 tokens; the model can hold 4096, its answer included.","code":"invalid_input"}}',
    ],
  ])('of %s to a conversation that is too long is told with its numbers', (_, body) => {
    const error = errorOf(400, body);
    expect(error).toMatchObject({ code: 'prompt_too_long', broken: false, retryAfterMs: null });
    expect(error.message).toContain('it has 5012 tokens, and the server holds 4096');
  });

  it('blames the server for what is its own, and says when to ask again', () => {
    expect(errorOf(500)).toMatchObject({ code: 'unavailable', broken: true, retryAfterMs: 500 });
    expect(errorOf(503, '', '7')).toMatchObject({ code: 'unavailable', broken: true, retryAfterMs: 7000 });
    expect(errorOf(504)).toMatchObject({ code: 'timeout', broken: true });
    expect(errorOf(429)).toMatchObject({ code: 'overloaded', broken: false, retryAfterMs: 2000 });
    for (const status of [301, 302, 400, 401, 403, 404, 418, 422]) {
      expect(errorOf(status)).toMatchObject({ code: 'unavailable', broken: false, retryAfterMs: null, status });
    }
  });

  it('is never quoted', () => {
    for (const status of [302, 400, 401, 404, 413, 422, 429, 500, 503]) {
      expect(errorOf(status, 'a secret of 12345 letters', 'secret').message).not.toMatch(/secret|12345/);
    }
  });
});

describe('Retry-After', () => {
  it('is seconds or a date, and nothing else', () => {
    const now = Date.parse('Wed, 21 Oct 2026 07:28:00 GMT');
    const cases: [string | undefined, number | null][] = [
      ['0', 0],
      ['1.5', 1500],
      ['-3', 0],
      ['Wed, 21 Oct 2026 07:28:09 GMT', 9000],
      ['Wed, 21 Oct 2026 07:27:00 GMT', 0],
      ['soon', null],
      ['', null],
      [undefined, null],
    ];
    for (const [value, ms] of cases) expect(parseRetryAfter(value, now)).toBe(ms);
  });
});

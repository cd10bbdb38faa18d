import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalisePrompt, type PromptParts, promptKey } from './prompt-key.ts';

const parts: PromptParts = {
  userId: 'user',
  sessionId: 'session',
  modelDigest: 'model',
  template: 'chatml',
  sampling: { temperature: 0.7, topK: 40, seed: null },
  systemPrompt: 'Be brief.',
  context: null,
  prompt: 'What is entropy?',
  preceding: 'Hello.',
};

describe('what makes two prompts the same', () => {
  it.each<[string, Partial<PromptParts>]>([
    ['user', { userId: 'other' }],
    ['session', { sessionId: 'other' }],
    ['session or none', { sessionId: null }],
    ['model', { modelDigest: 'other' }],
    ['template', { template: 'other' }],
    ['sampling', { sampling: { ...parts.sampling, temperature: 0.8 } }],
    ['seed', { sampling: { ...parts.sampling, seed: 0 } }],
    ['system prompt', { systemPrompt: 'Be long.' }],
    ['retrieval context', { context: '{}' }],
    ['prompt', { prompt: 'What is enthalpy?' }],
    ['its case', { prompt: 'what is entropy?' }],
  ])('another %s makes another key', (_part, change) => {
    expect(promptKey({ ...parts, ...change }).digest).not.toBe(promptKey(parts).digest);
  });

  it('the order of settings, line ends, blanks around and the composition of letters make none', () => {
    const same = {
      ...parts,
      sampling: { seed: null, topK: 40, temperature: 0.7 },
      prompt: '  What is entropy?\r\nSay it briefly. Cafe\u0301 \n',
    };
    const plain = { ...parts, prompt: 'What is entropy?\nSay it briefly. Caf\u00e9' };
    expect(promptKey(same)).toEqual(promptKey(plain));
  });

  it('what looks alike to a careless eye stays different', () => {
    for (const [one, other] of [
      ['x²', 'x2'],
      ['if a:\n  b', 'if a:\nb'],
      ['ﬁ', 'fi'],
      ['1\u00a0000', '1 000'],
    ] as const) {
      expect(normalisePrompt(one)).not.toBe(normalisePrompt(other));
    }
  });

  it('parts cannot be moved from one to the next: no two lists of parts are spelled alike', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.nat({ max: 20 }), (systemPrompt, prompt, cut) => {
        const joined = systemPrompt + prompt;
        const moved = { systemPrompt: joined.slice(0, cut), prompt: joined.slice(cut) };
        const equal = moved.systemPrompt === systemPrompt && normalisePrompt(moved.prompt) === normalisePrompt(prompt);
        const [a, b] = [promptKey({ ...parts, systemPrompt, prompt }), promptKey({ ...parts, ...moved })];
        expect(a.digest === b.digest).toBe(equal);
      }),
    );
  });

  it.each([
    'continue',
    'why?',
    'And the second one?',
    'yes',
    'Explain that.',
    'What does it mean?',
    'more',
    'what about cats?',
  ])('"%s" says too little alone: what came before counts, and nothing like it is compared', (prompt) => {
    const [one, other] = ['Cats purr.', 'Dogs bark.'].map((preceding) => promptKey({ ...parts, prompt, preceding }));
    expect(one?.digest).not.toBe(other?.digest);
    expect(one?.comparable).toBe(false);
    expect(promptKey({ ...parts, prompt, preceding: 'Cats purr.' })).toEqual(one);
  });

  it('a question that stands for itself is the same wherever it is asked', () => {
    const [one, other] = ['Cats purr.', null].map((preceding) => promptKey({ ...parts, preceding }));
    expect(one).toEqual(other);
    expect(one?.comparable).toBe(true);
    expect(one?.hash).toMatch(/^[0-9a-f]{16}$/);
  });
});

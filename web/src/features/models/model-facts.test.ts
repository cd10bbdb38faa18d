import { describe, expect, it } from 'vitest';
import { modelFacts, whereItRuns } from './model-facts.ts';

describe('what tells models apart', () => {
  it.each([
    [
      { provider: 'llama.cpp', parameters: '1.5B', quantization: 'Q4_K_M', sizeBytes: 1_117_320_736 },
      '1.5B, Q4_K_M, 1.1 GB',
    ],
    [{ parameters: '1.5B', quantization: null, sizeBytes: null }, '1.5B'],
    [{ provider: 'vllm', parameters: null, quantization: null, sizeBytes: null }, 'on a server (vllm)'],
    [
      { provider: 'ollama', parameters: '8B', quantization: 'Q4_0', sizeBytes: 4.7e9 },
      '8B, Q4_0, 4.7 GB, on a server (ollama)',
    ],
  ])('of %j', (model, facts) => {
    expect(modelFacts(model)).toBe(facts);
  });
});

it('nobody is told that what they write stays here where it does not', () => {
  expect(whereItRuns({ name: 'qwen', provider: 'llama.cpp' })).toContain('stays here');
  expect(whereItRuns({ name: 'gpu/llama', provider: 'vllm' })).toBe(
    'gpu/llama runs on a server (vllm), which reads what you write.',
  );
});

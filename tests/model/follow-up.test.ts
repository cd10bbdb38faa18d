import path from 'node:path';
import fc from 'fast-check';
import { getLlama, type LlamaModel } from 'node-llama-cpp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, ModelFile, PromptMessage } from '../../server/inference/engine.ts';
import { createPromptRenderer } from '../../server/inference/llama/prompt.ts';
import { writeNoiseModel } from '../../server/inference/noise-model.ts';
import { createTestLlama, makeFolder } from '../testkit/llama.ts';
import { requestOf, runReply } from './engine-contract.ts';

/** What may be computed again beside what is new. */
const mostAgain = 8;
const templates = {
  ChatML: undefined,
  'one that trims and has no room for a system prompt':
    "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}" +
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] | trim + '<|im_end|>' + '\\n' }}{% endfor %}" +
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
  'one whose marks are plain text':
    "{% for message in messages %}{{ '### ' + message['role'] + ':\\n' + message['content'] + '\\n\\n' }}{% endfor %}" +
    "{% if add_generation_prompt %}{{ '### assistant:\\n' }}{% endif %}",
  none: null,
} as const;

const files = new Map<string, ModelFile>();
let engine: Engine;
let remove = async () => {};

beforeAll(async () => {
  const made = await makeFolder();
  remove = made.remove;
  for (const [index, [name, chatTemplate]] of Object.entries(templates).entries()) {
    const file = { name: `noise-${index}`, path: path.join(made.folder, `noise-${index}.gguf`) };
    await writeNoiseModel(file.path, chatTemplate === undefined ? {} : { chatTemplate });
    files.set(name, file);
  }
  engine = createTestLlama({ contextLength: 2048 });
});
afterAll(async () => {
  await engine.stop();
  await remove();
});

function fileOf(template: string): ModelFile {
  const file = files.get(template);
  if (file === undefined) throw new Error(`no model for ${template}`);
  return file;
}

const turn = fc.record({
  question: fc.oneof(fc.lorem({ maxCount: 8 }), fc.string({ unit: 'binary', maxLength: 30 })),
  maxTokens: fc.integer({ min: 1, max: 50 }),
  seed: fc.integer({ min: 0, max: 2 ** 31 }),
});

describe.each(Object.keys(templates))('a follow-up, with this template: %s', (template) => {
  it('computes what is new and hardly more, whatever tokens the answers were drawn as', async () => {
    const model = fileOf(template);
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(turn, { minLength: 2, maxLength: 5 }), async (turns) => {
        const conversation = `${template} ${run++}`;
        const messages: PromptMessage[] = [{ role: 'system', content: 'Be brief.' }];
        let known = 0;
        for (const { question, maxTokens, seed } of turns) {
          messages.push({ role: 'user', content: question });
          const sampling = { ...requestOf(model, '').sampling, temperature: 1.2, seed };
          const counted = await engine.countPromptTokens(model, messages);
          const reply = await runReply(engine, { model, conversation, messages, sampling, maxTokens });
          expect(reply.usage.promptTokens).toBe(counted);
          expect(reply.usage.reusedTokens).toBeGreaterThanOrEqual(known - mostAgain);
          messages.push({ role: 'assistant', content: reply.text, tokenIds: reply.tokenIds });
          known = counted + reply.tokenIds.length;
        }
      }),
      { numRuns: 8 },
    );
  });
});

describe('the prompt', () => {
  let loaded: LlamaModel;
  let dispose = async () => {};
  beforeAll(async () => {
    const llama = await getLlama({ gpu: false, build: 'never', maxThreads: 1 });
    loaded = await llama.loadModel({ modelPath: fileOf('ChatML').path });
    dispose = () => llama.dispose();
  });
  afterAll(() => dispose());

  it('begins with the prompt before it and the very tokens of its answer', () => {
    const render = createPromptRenderer(loaded);
    const question = [
      { role: 'system' as const, content: 'Be brief.' },
      { role: 'user' as const, content: 'Say the end.' },
    ];
    const before = render(question).tokens;
    // One token a byte: no tokenizer would split it so.
    const bytes = [...'the end'].map((letter) => loaded.tokenize(letter)[0] ?? 0);
    const answer = { role: 'assistant' as const, content: 'the end', tokenIds: bytes };
    const followUp = [...question, answer, { role: 'user' as const, content: 'Go on.' }];
    const after = render(followUp).tokens;
    expect(after.slice(0, before.length + bytes.length)).toEqual([...before, ...bytes]);
    expect(loaded.tokenize('the end').length).toBeLessThan(bytes.length);
  });

  it('reads the text where the tokens are not those of the answer', () => {
    const render = createPromptRenderer(loaded);
    const conversation = (tokenIds?: number[]): PromptMessage[] => [
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: 'there', ...(tokenIds === undefined ? {} : { tokenIds }) },
      { role: 'user', content: 'Go on.' },
    ];
    const plain = render(conversation()).tokens;
    for (const wrong of [[5, 6, 7], [1e9], [-1], [0.5], loaded.tokenize('There')]) {
      expect(render(conversation(wrong)).tokens).toEqual(plain);
    }
    expect(render(conversation([...loaded.tokenize('there')])).tokens).toEqual(plain);
  });
});

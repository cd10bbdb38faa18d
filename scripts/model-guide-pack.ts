/** Makes the GGUF of the built-in guide from what its training saved: `npx tsx scripts/model-guide-pack.ts --from FOLDER --out FILE`. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { chatMl, type FilledTensor, writeGgufModel } from '../server/inference/gguf-model.ts';

const description = z.object({
  shape: z.object({
    width: z.int(),
    layers: z.int(),
    heads: z.int(),
    kv_heads: z.int(),
    feed_forward: z.int(),
    context: z.int(),
    rope_base: z.literal(10_000),
    norm_epsilon: z.literal(1e-5),
  }),
  tokens: z.array(z.string()),
  controls: z.array(z.string()),
  merges: z.array(z.string()),
  tensors: z.array(z.object({ name: z.string(), shape: z.tuple([z.int()]).or(z.tuple([z.int(), z.int()])) })),
});

const { values } = parseArgs({
  options: {
    from: { type: 'string', default: '.cache/guide' },
    out: { type: 'string', default: 'models/pocket-guide.gguf' },
  },
});
const model = description.parse(JSON.parse(await readFile(path.join(values.from, 'model.json'), 'utf8')));
const bytes = await readFile(path.join(values.from, 'weights.f32'));
const weights = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);

let from = 0;
const tensors = model.tensors.map(({ name, shape }): FilledTensor => {
  const [columns, rows = 1] = shape;
  const start = from;
  from += columns * rows;
  return {
    name: name.endsWith('.weight') ? name : `${name}.weight`,
    shape,
    fill: (row, out) => out.set(weights.subarray(start + row * columns, start + (row + 1) * columns)),
  };
});
if (from !== weights.length) throw new Error(`weights.f32 holds ${weights.length} numbers; its description ${from}`);

const { shape, tokens, controls, merges } = model;
await writeGgufModel(
  values.out,
  {
    name: 'PocketLLM Guide',
    about: { license: 'mit', description: 'The built-in guide of PocketLLM Portal: knows the portal and small talk.' },
    width: shape.width,
    layers: shape.layers,
    heads: shape.heads,
    kvHeads: shape.kv_heads,
    feedForward: shape.feed_forward,
    contextLength: shape.context,
    chatTemplate: chatMl,
    vocabulary: {
      tokens,
      tokenTypes: tokens.map((token) => (controls.includes(token) ? 3 : 1)),
      merges,
      endOfText: tokens.indexOf('<|endoftext|>'),
      endOfTurn: tokens.indexOf('<|im_end|>'),
    },
  },
  tensors,
  'Q8_0',
);
console.log(`${values.out}: ${tokens.length} tokens, ${(from / 1e6).toFixed(2)} million parameters`);

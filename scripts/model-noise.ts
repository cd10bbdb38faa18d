/** Writes a model with random weights: `npm run model:noise -- --out models/noise.gguf`. */
import { stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { defaultNoiseModel, type NoiseModelOptions, writeNoiseModel } from '../server/inference/noise-model.ts';
import { encoders } from '../server/inference/tensor-encoding.ts';

const numbers = {
  width: 'width',
  layers: 'layers',
  heads: 'heads',
  'kv-heads': 'kvHeads',
  'feed-forward': 'feedForward',
  vocabulary: 'vocabulary',
  context: 'contextLength',
  seed: 'seed',
} as const satisfies Record<string, keyof NoiseModelOptions>;

const usage = `Writes a GGUF model with random weights, for tests and benchmarks. It loads like a real one and speaks noise.

  npm run model:noise -- --out FILE [options]

${Object.entries(numbers)
  .map(([option, field]) => `  --${option.padEnd(14)} ${defaultNoiseModel[field]}`)
  .join('\n')}
  --quantization   ${defaultNoiseModel.quantization} (${Object.keys(encoders).join(', ')})
  --tied           one matrix for reading and writing tokens

The speed of a real model of 0.5 billion parameters, 531 MB:

  npm run model:noise -- --out models/half.gguf --width 896 --layers 24 --heads 14 --kv-heads 2 \\
    --feed-forward 4864 --vocabulary 151936 --tied`;

try {
  const { values } = parseArgs({
    options: {
      ...Object.fromEntries(Object.keys(numbers).map((name) => [name, { type: 'string' as const }])),
      out: { type: 'string' },
      quantization: { type: 'string' },
      tied: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.log(usage);
  } else {
    await write(values);
  }
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
  process.exitCode = 1;
}

async function write(values: Record<string, string | boolean | undefined>): Promise<void> {
  if (typeof values.out !== 'string') throw new Error('--out is missing');
  const options: Partial<NoiseModelOptions> = { tied: values.tied === true };
  for (const [name, field] of Object.entries(numbers)) {
    const text = values[name];
    if (text === undefined) continue;
    const value = Number(text);
    if (!Number.isInteger(value) || value < 0) throw new Error(`--${name} must be a whole number`);
    options[field] = value;
  }
  if (values.quantization !== undefined) {
    const chosen = Object.keys(encoders).find((name) => name === values.quantization);
    if (chosen === undefined) throw new Error(`--quantization must be one of ${Object.keys(encoders).join(', ')}`);
    options.quantization = chosen as keyof typeof encoders;
  }
  const started = performance.now();
  await writeNoiseModel(values.out, options);
  const { size } = await stat(values.out);
  const seconds = (performance.now() - started) / 1000;
  console.log(`${values.out}: ${(size / 1e6).toFixed(1)} MB in ${seconds.toFixed(1)} s`);
}

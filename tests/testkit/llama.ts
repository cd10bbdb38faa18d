import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import type { Config } from '../../server/config.ts';
import { createLlamaEngine, type LlamaEngine } from '../../server/inference/llama/llama-engine.ts';

/** A started engine; whoever makes it stops it. */
export function createTestLlama(changes: Partial<Config['models']> = {}): LlamaEngine {
  const engine = createLlamaEngine({
    config: {
      dir: '',
      preferred: null,
      // A model this small gains nothing from a second one, and loses much where the machine is busy.
      threads: 1,
      sequences: 4,
      contextLength: 512,
      gpu: false,
      ...changes,
    },
    logger: pino({ level: 'silent' }),
  });
  engine.start();
  return engine;
}

/** A started engine that ends with the test. */
export function startLlama(changes: Partial<Config['models']> = {}): LlamaEngine {
  const engine = createTestLlama(changes);
  onTestFinished(() => engine.stop());
  return engine;
}

/** A folder that is removed when the tests of the file have ended; call it in `beforeAll`. */
export async function makeFolder(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'models-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

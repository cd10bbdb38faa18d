import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import type { Config } from '../../server/config.ts';
import { createLlamaEngine, type LlamaEngine } from '../../server/inference/llama/llama-engine.ts';

type Changes = Partial<Config['models']> & { sharedSystemPrompt?: string };

/** A started engine that keeps no states on disk unless it is told to; whoever makes it stops it. */
export function createTestLlama({ sharedSystemPrompt = '', ...changes }: Changes = {}): LlamaEngine {
  const engine = createLlamaEngine({
    config: {
      dir: '',
      preferred: null,
      embedding: null,
      // A model this small gains nothing from a second one, and loses much where the machine is busy.
      threads: 1,
      sequences: 4,
      contextLength: 512,
      gpu: false,
      idleTimeoutMs: null,
      states: { dir: path.join(tmpdir(), 'no-states'), maxBytes: 0 },
      ...changes,
    },
    sharedSystemPrompt,
    logger: pino({ level: 'silent' }),
  });
  engine.start();
  return engine;
}

/** A started engine that ends with the test. */
export function startLlama(changes: Changes = {}): LlamaEngine {
  const engine = createTestLlama(changes);
  onTestFinished(() => engine.stop());
  return engine;
}

/** A folder that is removed when the tests of the file have ended; call it in `beforeAll`. */
export async function makeFolder(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'models-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

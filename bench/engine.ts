import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import type { Config } from '../server/config.ts';
import type { EngineUsage, GenerateRequest } from '../server/inference/engine.ts';
import { createLlamaEngine, type LlamaEngine } from '../server/inference/llama/llama-engine.ts';

/** A started engine with a folder of its own for states; `stop` removes that. */
export function benchEngine(changes: Partial<Config['models']> = {}, sharedSystemPrompt = ''): LlamaEngine {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-'));
  const engine = createLlamaEngine({
    config: {
      dir: '',
      preferred: null,
      embedding: null,
      threads: null,
      sequences: 8,
      contextLength: 4096,
      gpu: false,
      idleTimeoutMs: null,
      states: { dir: path.join(folder, 'states'), maxBytes: 4 * 2 ** 30 },
      ...changes,
    },
    sharedSystemPrompt,
    logger: pino({ level: 'warn' }),
  });
  engine.start();
  return {
    ...engine,
    async stop() {
      await engine.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const sampling = { temperature: 0.7, topP: 0.95, topK: 40, minP: 0.05, repeatPenalty: 1, seed: 1 };

export interface Run {
  text: string;
  tokenIds: number[];
  usage: EngineUsage;
  /** From the call to the first token's arrival here. */
  firstMs: number;
  /** Of the tokens after the first, as they arrive here. */
  tokensPerSecond: number;
}

export async function generate(
  engine: LlamaEngine,
  request: GenerateRequest,
  signal = new AbortController().signal,
): Promise<Run> {
  const startedAt = performance.now();
  let firstAt = 0;
  let text = '';
  const tokenIds: number[] = [];
  for await (const event of engine.generate(request, signal)) {
    if (event.type === 'text') {
      firstAt ||= performance.now();
      text += event.text;
      tokenIds.push(...event.tokenIds);
    }
    if (event.type === 'end') {
      const seconds = (performance.now() - firstAt) / 1000;
      const tokensPerSecond = (tokenIds.length - 1) / seconds;
      return { text, tokenIds, usage: event.usage, firstMs: firstAt - startedAt, tokensPerSecond };
    }
  }
  throw new Error('the reply has no end');
}

import path from 'node:path';
import type { GgufHeader } from './gguf-header.ts';

/** Where the model of our own lies: `models/guide/` is the recipe. Whatever the models folder is, it is in the catalogue. */
export const guideFile = path.join(import.meta.dirname, '../../models/pocket-guide.gguf');

/** The words that go with the guide wherever it is offered. */
export function guideNotice({ parameterCount }: Pick<GgufHeader, 'parameterCount'>): string {
  const millions = (parameterCount / 1e6).toFixed(1);
  return (
    `Built-in guide, ${millions} million parameters: knows this portal and small talk; add a bigger model for everything ` +
    'else. Pull one, qwen2.5-1.5b-instruct-q4_k_m for example, or put a GGUF file into models/.'
  );
}

import { differenceBetween } from './similarity/guards.ts';
import { lexicalSimilarity } from './similarity/lexical.ts';
import { type Question, readQuestion } from './similarity/question.ts';

export { type Question, readQuestion };

/**
 * How surely one answer serves both questions, 0 to 1. 0 where a guard forbids it, whatever the measure says. Without
 * `vectors` the measure is lexical and needs no weights; with them, of length 1 from one embedding model, it is their cosine where
 * that is larger.
 */
export function similarity(a: Question, b: Question, vectors?: readonly [Float32Array, Float32Array]): number {
  if (differenceBetween(a, b) !== null) return 0;
  const lexical = lexicalSimilarity(a, b);
  return vectors === undefined ? lexical : Math.max(lexical, cosine(...vectors));
}

function cosine(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += (a[index] ?? 0) * (b[index] ?? 0);
  return sum;
}

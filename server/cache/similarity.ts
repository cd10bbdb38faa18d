import { differenceBetween } from './similarity/guards.ts';
import { lexicalSimilarity } from './similarity/lexical.ts';
import { type MeaningVector, meaningSimilarity, toMeaningVector } from './similarity/meaning.ts';
import { type Question, readQuestion } from './similarity/question.ts';

export { type MeaningVector, meaningSimilarity, type Question, readQuestion, toMeaningVector };

/**
 * How surely one answer serves both questions by their wording, 0 to 1: it needs no weights of a model. 0 where a guard forbids it,
 * whatever the measure says.
 */
export function similarity(a: Question, b: Question): number {
  return differenceBetween(a, b) === null ? lexicalSimilarity(a, b) : 0;
}

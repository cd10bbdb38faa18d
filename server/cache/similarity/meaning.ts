import { differenceBetween } from './guards.ts';
import type { Intent } from './lexicon.ts';
import type { Question } from './question.ts';

/** What a text means to an embedding model, rounded to bytes: only directions are compared, so their length is lost and not missed. */
export type MeaningVector = Int8Array;

/** Rounds a vector so that its largest part is ±127; the cosine of two moves by less than 0.01 (held by a test). */
export function toMeaningVector(values: readonly number[]): MeaningVector {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return Int8Array.from(values, (value) => (largest === 0 ? 0 : Math.round((127 * value) / largest)));
}

/**
 * How near two questions are in meaning: the cosine of their vectors, which are of one model; 0 where it is negative, or a guard forbids one
 * answer for both. The guards of wording hold, but that another word may ask the same ("why", "what makes"); and one more does: two questions
 * of one pattern with other words in it lie near one another for any model, and never share an answer.
 */
export function meaningSimilarity(
  a: Question,
  b: Question,
  [of, other]: readonly [MeaningVector, MeaningVector],
): number {
  if (!mayAskTheSame(a.intent, b.intent) || ofOnePattern(a, b)) return 0;
  if (differenceBetween({ ...a, ...otherwiseAsked(b) }, { ...b, ...otherwiseAsked(b) }) !== null) return 0;
  return Math.max(0, cosine(of, other));
}

/** What a question in other words may have otherwise. */
function otherwiseAsked({ intent }: Question) {
  return { intent, helper: null, article: null, articles: new Map() };
}

/** Their questions may be about anything: "which year" is when, "what makes" is why. */
const open: ReadonlySet<Intent> = new Set<Intent>(['what', 'which', 'tell', 'topic']);

/** "How can trees grow" and "how do trees grow". */
const ofDoing: ReadonlySet<Intent> = new Set<Intent>(['how', 'how to']);

function mayAskTheSame(a: Intent, b: Intent): boolean {
  return a === b || open.has(a) || open.has(b) || (ofDoing.has(a) && ofDoing.has(b));
}

/**
 * One says the same in another order, more than the other, or has at most one word exchanged, or several in the same places; or both begin alike and
 * share a word ("how do I exit Vim", "how do I save a file in Vim"). Who asks the same in other words seldom begins with the same ones.
 */
function ofOnePattern(a: Question, b: Question): boolean {
  const [ofA, ofB] = [lacking(a, b), lacking(b, a)];
  if (ofA.length === 0 || ofB.length === 0 || (ofA.length === 1 && ofB.length === 1)) return true;
  const shared = a.content.some((word) => b.content.includes(word));
  if (shared && a.opening === b.opening) return true;
  return a.content.length === b.content.length && a.content.some((word, index) => word === b.content[index]);
}

function lacking(a: Question, b: Question): string[] {
  return a.content.filter((word) => !b.content.includes(word));
}

/** -1 to 1; 0 where one of them points nowhere. */
export function cosine(a: MeaningVector, b: MeaningVector): number {
  let [both, ofA, ofB] = [0, 0, 0];
  for (let index = 0; index < a.length; index++) {
    const [one = 0, other = 0] = [a[index], b[index]];
    both += one * other;
    ofA += one * one;
    ofB += other * other;
  }
  return ofA === 0 || ofB === 0 ? 0 : both / Math.sqrt(ofA * ofB);
}

import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { type CacheQuestion, createAnswerCache } from '../server/cache/answer-cache.ts';
import {
  type MeaningVector,
  meaningSimilarity,
  readQuestion,
  similarity,
  toMeaningVector,
} from '../server/cache/similarity.ts';
import { readConfig } from '../server/config.ts';
import { createLlamaEngine } from '../server/inference/llama/llama-engine.ts';
import { createMemoryAnswerStore } from '../server/stores/answer-store-memory.ts';

/**
 * How often the answer cache serves a question that was asked before in other words, and how often it would serve a wrong one.
 * The baseline is a cache of exact prompts over the same questions. Run: npm run bench:cache
 */
interface Entry {
  subject: string;
  question: string;
  rewordings: string[];
  paraphrases: string[];
  nearMisses: string[];
}

const seed = 20_261_121;
const random = mulberry32(seed);
const entries = readCorpus(path.join(import.meta.dirname, 'cache/questions.txt'));
const everyday = readCorpus(path.join(import.meta.dirname, 'cache/everyday.txt'));
const wordings = readWordings(path.join(import.meta.dirname, 'cache/wordings.txt'));
const pairs = {
  'exact repeats': entries.map(({ question }) => [question, question] as const),
  rewordings: entries.flatMap(({ question, rewordings }) => rewordings.map((other) => [question, other] as const)),
  'slips of the pen': entries.map(({ question }) => [question, withSlip(question)] as const),
  paraphrases: entries.flatMap(({ question, paraphrases }) => paraphrases.map((other) => [question, other] as const)),
  'near misses': entries.flatMap(({ question, nearMisses }) => nearMisses.map((other) => [question, other] as const)),
  // Every question beside every other one, with all that may stand for them.
  strangers: entries.flatMap((one, index) =>
    entries.slice(index + 1).flatMap((other) => one.rewordings.map((wording) => [wording, other.question] as const)),
  ),
  'paraphrases, everyday': everyday.flatMap(({ question, paraphrases }) =>
    paraphrases.map((other) => [question, other] as const),
  ),
  'near misses, everyday': everyday.flatMap(({ question, nearMisses }) =>
    nearMisses.map((other) => [question, other] as const),
  ),
  // Both of the file by which the reading of questions was mended.
  wordings: wordings.flatMap(({ same }) => same.flatMap((a, at) => same.slice(0, at).map((b) => [b, a] as const))),
  'near misses, wordings': wordings.flatMap(({ same, other }) =>
    same.flatMap((a) => other.map((b) => [a, b] as const)),
  ),
};

const someone = {
  userId: 'class',
  sessionId: 'session',
  modelDigest: 'model',
  template: 'chatml',
  sampling: {},
  systemPrompt: '',
  context: null,
  preceding: null,
} satisfies Omit<CacheQuestion, 'prompt'>;

const thresholds = [0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1];
console.log(`Pairs of questions that share an answer, by threshold (lexical measure, no weights; seed ${seed})\n`);
console.log(['pairs'.padEnd(32), ...thresholds.map((value) => String(value).padStart(7)), ' exact only'].join(''));
for (const [kind, list] of Object.entries(pairs)) {
  const measured = list.map(([a, b]) => similarity(readQuestion(a), readQuestion(b)));
  const rates = thresholds.map((least) => percent(measured.filter((value) => value >= least).length / list.length));
  const exact = percent(list.filter(([a, b]) => a === b).length / list.length);
  console.log(
    [`${kind} (${list.length})`.padEnd(32), ...rates.map((rate) => rate.padStart(7)), exact.padStart(11)].join(''),
  );
}
for (const kind of ['near misses', 'near misses, everyday', 'near misses, wordings'] as const) {
  for (const [a, b] of pairs[kind]) {
    if (similarity(readQuestion(a), readQuestion(b)) >= 0.7) console.log(`  wrongly alike: ${a} | ${b}`);
  }
}
if (process.argv.includes('--missed')) {
  for (const kind of ['rewordings', 'slips of the pen'] as const) {
    for (const [a, b] of pairs[kind]) {
      if (similarity(readQuestion(a), readQuestion(b)) < 0.75) console.log(`  missed: ${a} | ${b}`);
    }
  }
}

await meaning();

console.log('\nA class asks: 25 people, 20 questions each of one subject, the popular ones more often\n');
for (const threshold of [null, 0.75] as const) {
  const hits = await classAsks(threshold);
  console.log(
    `${threshold === null ? 'exact only' : `alike from ${threshold}`}: ${percent(hits)} of the questions answered from the cache`,
  );
}

/**
 * The same pairs where neither wording shares an answer, by what an embedding model makes of them. What the guards leave is the most that any model
 * could reach, and could get wrong. A model is given by EMBEDDING_MODEL, the path of a GGUF file.
 */
async function meaning(): Promise<void> {
  const values = [0.7, 0.75, 0.8, 0.85, 0.9, 0.95];
  const file = process.env.EMBEDDING_MODEL;
  const kinds = [
    'rewordings',
    'paraphrases',
    'near misses',
    'strangers',
    'paraphrases, everyday',
    'near misses, everyday',
  ] as const;
  console.log(
    '\nAnd by their meaning, where their wording shares none: what the guards leave to a model, at any threshold\n',
  );
  const left = new Map(kinds.map((kind) => [kind, pairs[kind].filter(isLeftToMeaning)]));
  for (const [kind, some] of left) {
    console.log(
      `${`${kind} (${pairs[kind].length})`.padEnd(32)}${percent(some.length / pairs[kind].length).padStart(7)}`,
    );
  }
  if (file === undefined)
    return console.log('\nNo embedding model was given (EMBEDDING_MODEL=model.gguf): what one would do is unmeasured.');
  const vectors = await embedAll(file, [...new Set([...left.values()].flat(2))]);
  console.log(`\n${path.basename(file)}, shares of all pairs\n`);
  console.log(['pairs'.padEnd(32), ...values.map((value) => String(value).padStart(7))].join(''));
  for (const [kind, some] of left) {
    const measured = some.map(([a, b]) => nearness(a, b, vectors));
    const rates = values.map((least) =>
      percent(measured.filter((value) => value >= least).length / pairs[kind].length),
    );
    console.log([`${kind} (${pairs[kind].length})`.padEnd(32), ...rates.map((rate) => rate.padStart(7))].join(''));
  }
}

type Pair = readonly [string, string];

/** What the lexical measure takes for the same needs no vector. */
function isLeftToMeaning([a, b]: Pair): boolean {
  const any = toMeaningVector([1]);
  const [one, other] = [readQuestion(a), readQuestion(b)];
  return similarity(one, other) < 0.75 && meaningSimilarity(one, other, [any, any]) > 0;
}

function nearness(a: string, b: string, vectors: ReadonlyMap<string, MeaningVector>): number {
  const none = toMeaningVector([]);
  return meaningSimilarity(readQuestion(a), readQuestion(b), [vectors.get(a) ?? none, vectors.get(b) ?? none]);
}

/** In the portal's own engine, as it runs. */
async function embedAll(file: string, texts: readonly string[]): Promise<Map<string, MeaningVector>> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'bench-cache-'));
  const config = readConfig({ DATA_DIR: dataDir }, dataDir);
  const engine = createLlamaEngine({
    config: config.models,
    sharedSystemPrompt: '',
    logger: pino({ level: 'silent' }),
  });
  engine.start();
  try {
    const model = { name: path.basename(file, '.gguf'), path: path.resolve(file) };
    const vectors = new Map<string, MeaningVector>();
    const startedAt = performance.now();
    for (const text of texts) {
      const [values = []] = (await engine.embed(model, [text])).vectors;
      vectors.set(text, toMeaningVector(values));
    }
    const each = (performance.now() - startedAt) / texts.length;
    console.log(
      `\n${texts.length} questions embedded one by one, ${each.toFixed(1)} ms each, the loading of the model included`,
    );
    return vectors;
  } finally {
    await engine.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** The share of questions that were served; each subject in turn. */
async function classAsks(threshold: number | null): Promise<number> {
  const draw = mulberry32(seed);
  let [asked, served] = [0, 0];
  for (const subject of new Set(entries.map((entry) => entry.subject))) {
    const store = createMemoryAnswerStore({ maxBytes: 1e9 });
    const cache = createAnswerCache({
      store,
      ttlMs: 3_600_000,
      scope: 'user',
      threshold,
      meaningThreshold: 1,
      vectors: null,
    });
    const known = entries.filter((entry) => entry.subject === subject);
    for (let count = 0; count < 25 * 20; count++) {
      // A quarter asks what nobody else does; the rest by Zipf's law, in the words of the book or their own.
      const entry = known[Math.min(known.length - 1, Math.floor(known.length ** draw()) - 1)] as Entry;
      const own = draw() < 0.25 ? `${pick(entry.nearMisses, draw)} (${count})` : null;
      const words =
        own ??
        pick(
          [entry.question, entry.question, ...entry.rewordings, ...entry.paraphrases, withSlip(entry.question)],
          draw,
        );
      const question = { ...someone, prompt: words };
      asked++;
      if ((await cache.find(question)) !== null) served++;
      else await cache.keep(question, { messageId: `${count}`, content: 'an answer' });
    }
  }
  return served / asked;
}

function readCorpus(file: string): Entry[] {
  const found: Entry[] = [];
  let subject = '';
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line.startsWith('## ')) subject = line.slice(3);
    if (line === '' || line.startsWith('#')) continue;
    const [question = '', ...fields] = line.split('|').map((field) => field.trim());
    const [rewordings = [], paraphrases = [], nearMisses = []] = fields.map((field) =>
      field
        .split(';')
        .map((one) => one.trim())
        .filter((one) => one !== ''),
    );
    found.push({ subject, question, rewordings, paraphrases, nearMisses });
  }
  return found;
}

interface Wordings {
  same: string[];
  other: string[];
}

function readWordings(file: string): Wordings[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [same = [], other = []] = line.split(' || ').map((part) => part.split(' | '));
      return { same, other };
    });
}

/** One letter of the longest word dropped, doubled, or changed with the next one. */
function withSlip(question: string): string {
  const word = question.match(/\p{L}+/gu)?.reduce((long, other) => (other.length > long.length ? other : long)) ?? '';
  const at = 1 + Math.floor(random() * (word.length - 2));
  const [before, letter = '', next = '', after] = [word.slice(0, at), word[at], word[at + 1], word.slice(at + 2)];
  const slips = [before + next + after, before + letter + letter + next + after, before + next + letter + after];
  return question.replace(word, pick(slips, random));
}

function pick<Item>(items: readonly Item[], draw: () => number): Item {
  return items[Math.floor(draw() * items.length)] as Item;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

/** Numbers from 0 to 1 by a seed (Tommy Ettinger's Mulberry32). */
function mulberry32(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}

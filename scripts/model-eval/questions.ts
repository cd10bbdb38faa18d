import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

/** What the guide is asked, and what makes an answer right. */
export interface Question {
  kind: 'known' | 'unknown' | 'recalled';
  system: string | null;
  /** The user's turns; the last one is judged. */
  turns: readonly string[];
  /** Texts that the last answer must have, each one of them or its alternatives, in any case. */
  all: readonly (readonly string[])[];
  not: readonly string[];
}

const folder = path.join(import.meta.dirname, '../../models/guide');
const texts = z.array(z.string());

const actionRows = z.array(z.object({ id: z.string(), must: z.object({ ui: texts, rest: texts, graphql: texts }) }));
const settingRows = z.array(z.object({ name: z.string(), must: texts }));
const conceptRows = z.array(z.object({ id: z.string(), must: texts }));

/** Every question, those under `evaluation/` and some sums. `system` is the portal's default system prompt. */
export async function readQuestions(system: string): Promise<Question[]> {
  const [known, unknown, recall, skills, rules] = await Promise.all([
    readTable('evaluation/known', z.record(z.string(), texts)),
    readTable('evaluation/unknown', texts),
    readTable('evaluation/recall', z.array(z.object({ say: texts, ask: z.string(), must: z.string() }))),
    readTable(
      'evaluation/skills',
      z.array(z.object({ system: z.string().optional(), ask: z.string(), all: texts, not: texts.optional() })),
    ),
    readRules(),
  ]);
  const questions: Question[] = [];
  for (const [fact, asked] of Object.entries(known)) {
    const all = rules.get(fact);
    if (all === undefined) throw new Error(`evaluation/known.yaml asks for ${fact}, which is no fact`);
    for (const text of asked) questions.push({ kind: 'known', system, turns: [text], all, not: [] });
  }
  for (const text of unknown) questions.push({ kind: 'unknown', system, turns: [text], all: [declined], not: [] });
  for (const { say, ask, must } of recall)
    questions.push({ kind: 'recalled', system, turns: [...say, ask], all: [[must]], not: [] });
  for (const { system: wish, ask, all, not = [] } of skills)
    questions.push({ kind: 'known', system: wish ?? null, turns: [ask], all: all.map((text) => [text]), not });
  for (const { text, result } of someSums())
    questions.push({ kind: 'known', system, turns: [text], all: [[`= ${result}.`]], not: [] });
  return questions;
}

/** What a refusal begins with: the guide has one for each kind of question. */
const declined = ['I do not know that', 'I cannot write', 'I cannot advise', 'I know of nothing like that'];

/** The texts that the answer for each fact must have. */
async function readRules(): Promise<Map<string, readonly (readonly string[])[]>> {
  const [actions, settings, concepts, talk] = await Promise.all([
    readTable('facts/actions', actionRows),
    readTable('facts/settings', settingRows),
    readTable('facts/concepts', conceptRows),
    readTable('facts/small-talk', conceptRows),
  ]);
  const each = (must: readonly string[]) => must.map((text) => [text]);
  return new Map<string, readonly (readonly string[])[]>([
    ...actions.flatMap(({ id, must }) =>
      Object.entries(must).map(([door, list]) => [`${id}/${door}`, each(list)] as const),
    ),
    ...settings.map(({ name, must }) => [name, each([name, ...must])] as const),
    ...concepts.map(({ id, must }) => [id, each(must)] as const),
    // Of small talk any of its words will do.
    ...talk.map(({ id, must }) => [id, [must]] as const),
  ]);
}

/** Sums within the range of `trainer/sums.py`, asked for in words of their own. */
function someSums(): { text: string; result: number }[] {
  const sums: { text: string; result: number }[] = [];
  for (let a = 1; a <= 19; a += 2) {
    const b = (a * 7) % (20 - a);
    sums.push({ text: `Please work out ${a} + ${b}`, result: a + b });
    sums.push({ text: `What's ${a} - ${(a * 5) % (a + 1)}?`, result: a - ((a * 5) % (a + 1)) });
    if (a <= 10) sums.push({ text: `Tell me what ${a} × ${(a * 3) % 11} is`, result: a * ((a * 3) % 11) });
  }
  return sums;
}

async function readTable<Schema extends z.ZodType>(name: string, schema: Schema): Promise<z.infer<Schema>> {
  const file = path.join(folder, `${name}.yaml`);
  const result = schema.safeParse(parse(await readFile(file, 'utf8')));
  if (!result.success) throw new Error(`${file}: ${z.prettifyError(result.error)}`);
  return result.data;
}

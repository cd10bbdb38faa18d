import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { createNameCheck } from './names.ts';
import { patternOf, plain } from './phrasings.ts';
import { readQuestions } from './questions.ts';

const guide = path.join(import.meta.dirname, '../../models/guide');
const readFacts = async (name: string) => parse(await readFile(path.join(guide, 'facts', `${name}.yaml`), 'utf8'));
/** By the name of a fact, or the kind of something unknown: the questions of `facts/asked/`. */
async function readAsked(): Promise<Map<string, string[]>> {
  const table = z.record(z.string(), z.array(z.string()));
  const files = await readdir(path.join(guide, 'facts/asked'));
  const tables = await Promise.all(
    files.map(async (file) => table.parse(await readFacts(`asked/${path.parse(file).name}`))),
  );
  return new Map(tables.flatMap((one) => Object.entries(one)));
}
const texts = z.array(z.string()).default([]);
const facts = z.array(
  z
    .object({
      name: z.string().optional(),
      also: texts,
      do: texts,
      doing: texts,
      done: texts,
      does: texts,
      what: texts,
      ask: texts,
    })
    .loose(),
);

describe('the questions of the evaluation', async () => {
  const questions = await readQuestions('');
  const of = (kind: string) => questions.filter((question) => question.kind === kind);

  it('are 400 or more, of every kind', () => {
    expect(questions.length).toBeGreaterThanOrEqual(400);
    for (const kind of ['known', 'unknown', 'recalled']) expect(of(kind).length).toBeGreaterThanOrEqual(60);
    expect(new Set(questions.map(({ system, turns }) => `${system} ${turns.join('/')}`)).size).toBe(questions.length);
  });

  it('are in words that training never saw', async () => {
    const synonyms = Object.fromEntries(
      Object.entries(z.record(z.string(), z.string()).parse(await readFacts('synonyms'))).map(([word, list]) => [
        word,
        list.split('|'),
      ]),
    );
    const frames = z.record(z.string(), z.array(z.string())).parse(await readFacts('frames'));
    const framesFor = (...names: string[]) => names.flatMap((name) => frames[name] ?? []);
    const phrases: { phrase: string; frames: string[] }[] = [];
    for (const table of ['actions', 'settings', 'concepts', 'small-talk']) {
      for (const row of facts.parse(await readFacts(table))) {
        const doing = table === 'actions' ? framesFor('how-to', 'by-rest', 'by-graphql') : framesFor('to-set');
        for (const phrase of row.do) phrases.push({ phrase, frames: doing });
        for (const form of ['doing', 'done', 'does'] as const)
          for (const phrase of row[form])
            phrases.push({ phrase, frames: framesFor(form, `${form}-rest`, `${form}-graphql`) });
        for (const phrase of row.what) phrases.push({ phrase, frames: framesFor('meaning') });
        for (const phrase of row.ask) phrases.push({ phrase, frames: ['{x}'] });
        for (const phrase of row.name === undefined ? [] : [row.name, ...row.also])
          phrases.push({ phrase, frames: framesFor('of-setting') });
      }
    }
    for (const phrase of [...(await readAsked()).values()].flat()) phrases.push({ phrase, frames: ['{x}'] });
    const asked = [...of('known'), ...of('unknown')].map(({ turns }) => plain(turns.at(-1) ?? ''));
    const seen: string[] = [];
    for (const { phrase, frames } of phrases) {
      const inside = patternOf(phrase, synonyms);
      const contains = new RegExp(inside);
      for (const question of asked.filter((text) => contains.test(text)))
        if (frames.some((frame) => new RegExp(`^${patternOf(frame, synonyms, inside)}$`).test(question)))
          seen.push(question);
    }
    expect(seen).toEqual([]);
  });

  it('ask for unknown things that training never named in that way', async () => {
    const kinds = z
      .array(z.object({ groups: z.array(z.object({ words: z.string(), ask: z.array(z.string()) })) }))
      .parse(await readFacts('unknown'));
    const patterns = kinds.flatMap(({ groups }) =>
      groups.flatMap(({ words, ask }) =>
        ask.map((text) => new RegExp(`^${patternOf(text, {}, plain(words.replaceAll(/[+.]/g, '\\$&')))}$`)),
      ),
    );
    const asked = of('unknown').map(({ turns }) => plain(turns.at(-1) ?? ''));
    expect(asked.filter((question) => patterns.some((pattern) => pattern.test(question)))).toEqual([]);
  });

  it('recall names and words that training does not list', async () => {
    const words = (await readAsked()).get('general') ?? [];
    const listed = [await readFile(path.join(guide, 'trainer/memory.py'), 'utf8'), ...words].join('\n');
    const values = of('recalled')
      .flatMap(({ all }) => all.flat())
      .filter((value) => !/\d/.test(value));
    expect(values.filter((value) => new RegExp(`\\b${value}\\b`, 'i').test(listed))).toEqual([]);
  });
});

describe('the questions of the training', () => {
  it('are each for one thing that the tables know', async () => {
    const row = z
      .object({ id: z.string().optional(), name: z.string().optional(), kind: z.string().optional() })
      .loose();
    const names: (string | undefined)[] = [];
    for (const table of ['actions', 'settings', 'concepts', 'small-talk', 'unknown'])
      for (const { id, name, kind } of z.array(row).parse(await readFacts(table)))
        names.push(
          ...(table === 'actions' ? ['ui', 'rest', 'graphql'].map((door) => `${id}/${door}`) : [id ?? name ?? kind]),
        );
    const asked = await readAsked();
    expect(new Set(asked.keys())).toEqual(new Set(names));
    const questions = [...asked.values()].flat().map(plain);
    const twice = questions.filter((question, index) => questions.indexOf(question) !== index);
    expect(twice).toEqual([]);
  });
});

describe('createNameCheck', () => {
  it('finds settings, routes and operations that do not exist, and passes those that do', async () => {
    const findInvented = await createNameCheck();
    expect(findInvented('Set `MODEL_SPEED`, send `POST /api/v1/speed`, or use `setSpeed`.', '')).toEqual([
      '/api/v1/speed',
      'MODEL_SPEED',
      'setSpeed',
    ]);
    expect(findInvented('Set `MODEL_SPEED`.', 'What does MODEL_SPEED do?')).toEqual([]);
    const real = 'Use `sendMessage` with `MAX_TOKENS`, or `POST /api/v1/messages/{id}/pin`. See `/docs`.';
    expect(findInvented(real, '')).toEqual([]);
  });

  it('passes every answer of the tables', async () => {
    const findInvented = await createNameCheck();
    const invented: string[] = [];
    for (const table of ['actions', 'settings', 'concepts', 'small-talk', 'unknown'])
      for (const row of z.array(z.record(z.string(), z.unknown())).parse(await readFacts(table)))
        for (const key of ['ui', 'rest', 'graphql', 'answer'])
          if (typeof row[key] === 'string') invented.push(...findInvented(row[key], ''));
    expect(invented).toEqual([]);
  });
});

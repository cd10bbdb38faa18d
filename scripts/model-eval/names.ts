import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const root = path.join(import.meta.dirname, '../..');
const table = z.object({ settings: z.string(), routes: z.string(), operations: z.string(), words: z.string() });
const route = /(?<![\w.:/*])\/[a-z][\w\-./{}]*/g;
const setting = /\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g;
const operation = /\b[a-z]+[A-Z]\w*\b/g;

/** Finds names in answers that look like a setting, a route or an operation of the graph, and are none. */
export async function createNameCheck(): Promise<(answer: string, asked: string) => string[]> {
  const names = table.parse(parse(await readFile(path.join(root, 'models/guide/facts/names.yaml'), 'utf8')));
  const graph = await readFile(path.join(root, 'schema/schema.graphql'), 'utf8');
  const words = (text: string) => text.split(/\s+/).filter((word) => word !== '');
  const real = new Set([
    ...words(`${names.settings} ${names.operations} ${names.words} ${names.routes}`),
    ...(graph.match(/\w+/g) ?? []),
  ]);
  const isReal = (name: string) => real.has(name) || real.has(name.replace(/[./]+$/, ''));

  return (answer, asked) => {
    const found = [route, setting, operation].flatMap((pattern) => answer.match(pattern) ?? []);
    // What the user has said may be said back.
    return found.filter((name) => !isReal(name) && !asked.includes(name));
  };
}

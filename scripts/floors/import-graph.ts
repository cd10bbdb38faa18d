import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { parseSync } from 'vite';

/** One import: both ends by their path from the root, a package as `npm:name/and/path`, Node's own as `node:name`. */
export interface ImportEdge {
  from: string;
  line: number;
  to: string;
}

const source = /(?<!\.test|\.d)\.tsx?$/;
const generated = /^(server\/stores\/prisma|web\/src\/gql)\//;
const endings = ['', '.ts', '.tsx', '/index.ts', '/index.tsx'];

/** Every import, type-only ones included, of the TypeScript files under `dirs`; tests and generated files left out. */
export function readImports(root: string, dirs: readonly string[]): ImportEdge[] {
  return dirs
    .flatMap((dir) =>
      readdirSync(path.join(root, dir), { recursive: true, encoding: 'utf8' }).map((file) => `${dir}/${file}`),
    )
    .map((file) => file.replaceAll(path.sep, '/'))
    .filter((file) => source.test(file) && !generated.test(file))
    .sort()
    .flatMap((file) => importsOf(file, readFileSync(path.join(root, file), 'utf8'), root));
}

/** The imports and re-exports of one file. Throws where it cannot be parsed. */
export function importsOf(file: string, text: string, root: string): ImportEdge[] {
  const { module, errors } = parseSync(file, text);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${file}: ${error.message}`);
  const requests = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest),
    ...module.staticExports.flatMap(({ entries }) => entries.flatMap((entry) => entry.moduleRequest ?? [])),
    ...module.dynamicImports.map(({ moduleRequest: { start, end } }) => ({
      start,
      value: text.slice(start + 1, end - 1),
    })),
  ];
  return requests.map(({ start, value }) => ({
    from: file,
    line: text.slice(0, start).split('\n').length,
    to: resolveImport(file, value, root),
  }));
}

function resolveImport(from: string, request: string, root: string): string {
  if (isBuiltin(request)) return request.startsWith('node:') ? request : `node:${request}`;
  if (!request.startsWith('.') && !request.startsWith('@/')) return `npm:${request}`;
  const target = request.startsWith('@/')
    ? `web/src/${request.slice(2)}`
    : path.posix.join(path.posix.dirname(from), request.replace(/\?.*$/, ''));
  return (
    endings.map((ending) => target + ending).find((file) => existsSync(path.join(root, file)) && /\.\w+$/.test(file)) ??
    target
  );
}

import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Plugin } from 'vite';

const written = /\bgraphql\(\s*`\s*(query|mutation|subscription|fragment)\s+(\w+)[^`]*`\s*,?\s*\)/g;
const generated = /^export const (\w+) = (\{.*\}) as unknown as DocumentNode/gm;

/**
 * Puts each parsed document where it is written. The generated map holds the documents of all features, so that the first
 * page would load those of every dialog with its own.
 */
export function inlineDocuments(file = path.join(import.meta.dirname, 'src/gql/graphql.ts')): Plugin {
  let documents = new Map<string, string>();
  return {
    name: 'inline-documents',
    apply: 'build',
    enforce: 'pre',
    buildStart() {
      documents = new Map(
        [...readFileSync(file, 'utf8').matchAll(generated)].map(([, name = '', json = '']) => [name, json]),
      );
    },
    transform: {
      filter: { id: /\.tsx?$/, code: 'graphql(' },
      handler(code, id) {
        if (id.includes('/gql/')) return null;
        return {
          code: code.replaceAll(written, (_call, kind: string, name: string) => {
            const document = documents.get(kind === 'fragment' ? `${name}FragmentDoc` : `${name}Document`);
            if (document === undefined) this.error(`${name} is not in ${file}: run \`npm run codegen\``);
            return `(${document})`;
          }),
          map: null,
        };
      },
    },
  };
}

import path from 'node:path';
import { readImports } from './floors/import-graph.ts';
import { brokenRules } from './floors/rules.ts';

const imports = readImports(path.join(import.meta.dirname, '..'), ['server', 'schema', 'web/src']);
const broken = brokenRules(imports);
for (const { edge, rule } of broken) {
  console.error(`${edge.from}:${edge.line} imports ${edge.to}\n  ${rule.name}: ${rule.because}`);
}
console.log(`${imports.length} imports, ${broken.length} through a floor`);
process.exitCode = broken.length === 0 ? 0 : 1;

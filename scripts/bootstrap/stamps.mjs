import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const testFile = /\.test\.tsx?$/;

/** Remembers, by content and never by time, from which inputs each step last ended well. */
export function createStamps(root) {
  const dir = path.join(root, '.cache/bootstrap');
  const stampOf = (step) => path.join(dir, step.name);

  return {
    isCurrent(step) {
      if (!step.outputs.every((output) => existsSync(path.join(root, output)))) return false;
      return existsSync(stampOf(step)) && readFileSync(stampOf(step), 'utf8') === fingerprint(root, step.inputs);
    },

    /** Forgets the last run; the function that comes back records this one, for the inputs as they are now. */
    begin(step) {
      mkdirSync(dir, { recursive: true });
      rmSync(stampOf(step), { force: true });
      const inputs = fingerprint(root, step.inputs);
      return () => writeFileSync(stampOf(step), inputs);
    },
  };
}

/** One hash over the names and contents of all files in `inputs`; unit tests are no input. */
function fingerprint(root, inputs) {
  const hash = createHash('sha256');
  for (const file of inputs.flatMap((input) => filesIn(root, input))) {
    const content = readFileSync(path.join(root, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

function filesIn(root, input) {
  const stats = statSync(path.join(root, input), { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (stats.isFile()) return testFile.test(input) ? [] : [input];
  return readdirSync(path.join(root, input))
    .sort()
    .flatMap((name) => filesIn(root, `${input}/${name}`));
}

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runQuietly, SetupError } from './bootstrap/child.mjs';
import { holdLock } from './bootstrap/lock.mjs';
import { installPackages, packagesAreInstalled } from './bootstrap/packages.mjs';
import { createStamps } from './bootstrap/stamps.mjs';
import { installSystemPackages, missingSystemPackages } from './bootstrap/system-packages.mjs';

// Runs before the packages are there, so it and its helpers import nothing but Node's own modules.

export { SetupError };

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const oldestNode = [20, 19];

/** In the order they need each other. One whose inputs have not changed since it last ended well is left out. */
const steps = [
  {
    name: 'packages',
    says: 'Installing packages; the first time takes a minute or two',
    inputs: ['package-lock.json'],
    outputs: ['node_modules/.package-lock.json'],
    isDone: () => packagesAreInstalled(root),
    run: () => installPackages(root),
  },
  {
    name: 'prisma',
    says: 'Generating the Prisma client',
    inputs: ['prisma/schema.prisma', 'prisma.config.ts', 'node_modules/prisma/package.json'],
    outputs: ['server/stores/prisma/client.ts'],
    run: () => runQuietly(process.execPath, ['node_modules/prisma/build/index.js', 'generate'], { cwd: root }),
  },
  {
    name: 'web',
    says: 'Building the web app',
    inputs: ['web', 'schema/schema.graphql', 'package-lock.json'],
    outputs: ['dist/web/index.html'],
    run: () =>
      runQuietly(process.execPath, ['node_modules/vite/bin/vite.js', 'build', '--config', 'web/vite.config.ts'], {
        cwd: root,
      }),
  },
];

/**
 * Makes a checkout ready to run: packages, generated code, the web app; for tests also Redis and a browser. Does only
 * what is not done yet, and prints a line for each such step. Any number of them at once do each step once. Throws a
 * SetupError with one line for the person at the terminal.
 */
export async function bootstrap({ webApp = true, forTests = false } = {}) {
  checkNode();
  const stamps = createStamps(root);
  const wanted = steps.filter((step) => webApp || step.name !== 'web');
  if (wanted.some((step) => !stamps.isCurrent(step))) {
    const release = await holdLock(root);
    try {
      for (const step of wanted) await runStep(step, stamps);
    } finally {
      release();
    }
  }
  if (forTests && missingSystemPackages().length > 0) {
    const release = await holdLock(root);
    try {
      await installSystemPackages(say);
    } finally {
      release();
    }
  }
}

/** Ends the process as scripts do: a SetupError in one line, anything else in full. */
export function failSetup(error) {
  console.error(error instanceof SetupError ? error.message : error);
  process.exit(1);
}

async function runStep(step, stamps) {
  if (stamps.isCurrent(step)) return;
  const stamp = stamps.begin(step);
  if (!step.isDone?.()) {
    say(step.says);
    await step.run();
  }
  stamp();
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return;
  throw new SetupError(`Node ${oldestNode.join('.')} or later is needed; this is ${process.versions.node}.`);
}

function say(line) {
  console.log(`${line} …`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await bootstrap({ forTests: process.argv.includes('--tests') }).catch(failSetup);
}

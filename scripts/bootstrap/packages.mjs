import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { runQuietly, SetupError } from './child.mjs';

/** Whether node_modules holds what the lockfile names, however it came there. */
export function packagesAreInstalled(root) {
  const record = path.join(root, 'node_modules/.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = packagesOf(path.join(root, 'package-lock.json'));
  const installed = packagesOf(record);
  return Object.entries(wanted).every(([location, entry]) => {
    if (location === '') return true;
    const found = installed[location];
    // What is optional is often for another kind of machine.
    if (found === undefined) return entry.optional === true || entry.devOptional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

/** Installs what the lockfile names, from npm's cache where that has it; changes no file outside of node_modules. */
export async function installPackages(root) {
  // Not `npm ci`: that refuses a lockfile in which an optional package for another kind of machine is missing, where this
  // fetches it. The web build and the code generation need the development packages, NODE_ENV=production or not.
  const args = [
    'install',
    '--no-save',
    '--include=dev',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  const [command, ...first] = npmCommand();
  try {
    await runQuietly(command, [...first, ...args], { cwd: root });
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    throw new SetupError(
      `${error.message}\nThe packages of package-lock.json could not be installed. They come from the npm registry: ` +
        'connect to it, or fill the npm cache, and run this again.',
    );
  }
}

function npmCommand() {
  const running = process.env.npm_execpath ?? '';
  if (running.endsWith('npm-cli.js')) return [process.execPath, running];
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
}

function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

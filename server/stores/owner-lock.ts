import pg from 'pg';
import type { Logger } from '../logger.ts';
import { pause } from '../pause.ts';

interface Options {
  connectionString: string;
  /** The lock is of this number and of the owner's hash. */
  lock: number;
  owner: string;
  logger: Logger;
}

const connectWithinMs = 3_000;
const statementWithinMs = 5_000;
const againMs = 250;

/**
 * Holds the lock of an owner on a connection of its own until the signal aborts, and takes it again whenever that connection
 * ends. Postgres lets it go the moment that this process is gone, however it went. Never rejects.
 */
export async function holdOwnerLock(
  { connectionString, lock, owner, logger }: Options,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const client = new pg.Client({
      connectionString,
      connectionTimeoutMillis: connectWithinMs,
      statement_timeout: statementWithinMs,
      query_timeout: statementWithinMs,
      keepAlive: true,
      application_name: 'pocketllm-portal owner',
    });
    const ended = new Promise<void>((resolve) => {
      client.once('end', resolve);
      client.on('error', () => resolve());
    });
    const leave = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    try {
      await client.connect();
      // A session of ours that the server has not missed yet may hold it for a while.
      while (!(await takes(client, lock, owner)) && !signal.aborted) await pause(againMs, signal);
      await Promise.race([ended, leave]);
    } catch (error) {
      logger.debug({ err: error }, 'the lock of this process could not be taken; trying again');
    }
    await Promise.race([client.end().catch(() => undefined), pause(connectWithinMs, signal)]);
    await pause(againMs, signal);
  }
}

async function takes(client: pg.Client, lock: number, owner: string): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1, hashtext($2)) as taken', [
    lock,
    owner,
  ]);
  return rows[0]?.taken === true;
}

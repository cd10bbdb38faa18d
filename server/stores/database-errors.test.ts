import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isDatabaseUnavailable } from './database-errors.ts';

describe('a database that cannot be reached', () => {
  it('is also one that takes the connection and says nothing, as where its machine is paused or far too busy', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => {
      silent.close();
    });
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const connecting = { host: '127.0.0.1', port, connectionTimeoutMillis: 50 };
    const client = new pg.Client(connecting);
    const error = await client.connect().catch((reason: unknown) => reason);
    expect(isDatabaseUnavailable(error)).toBe(true);
    const pool = new pg.Pool(connecting);
    const pooled = await pool.connect().catch((reason: unknown) => reason);
    expect(isDatabaseUnavailable(pooled)).toBe(true);
    await pool.end();
  });

  it('is not one that answers, and refuses what was asked', () => {
    expect(isDatabaseUnavailable(Object.assign(new Error('relation does not exist'), { code: '42P01' }))).toBe(false);
    expect(isDatabaseUnavailable('timeout expired')).toBe(false);
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDatabaseServer, type Database } from '../../server/stores/database.ts';
import { isDatabaseUnavailable } from '../../server/stores/database-errors.ts';
import { createEmbeddedPostgres } from '../../server/stores/embedded-postgres.ts';
import { runningServer } from '../../server/stores/embedded-postgres-cluster.ts';
import { migrate } from '../../server/stores/migrations.ts';
import { openTestDatabase } from '../testkit/database.ts';
import { createTestDatabase } from '../testkit/postgres.ts';
import { patient } from '../testkit/rounds.ts';

const logger = pino({ level: 'silent' });
const forever = new AbortController().signal;

async function newDatabase(): Promise<string> {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  return database.url;
}

async function dataFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'portal-data-'));
  await chmod(folder, 0o755);
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function query<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('migrations', () => {
  it('are applied once, also by two that start at the same time', async () => {
    const url = await newDatabase();
    await query(url, 'drop schema public cascade; create schema public');
    await Promise.all([migrate(url, forever), migrate(url, forever)]);
    await migrate(url, forever);
    const applied = await query<{ migration_name: string }>(url, 'select migration_name from _prisma_migrations');
    expect(applied.map((row) => row.migration_name).sort()).toEqual(await migrationNames());
  });

  it('that are interrupted leave nothing half-done', async () => {
    const url = await newDatabase();
    await query(url, 'drop schema public cascade; create schema public');
    const blocker = new pg.Client(url);
    await blocker.connect();
    await blocker.query('begin; create extension btree_gin');
    const interrupted = migrate(url, forever).catch((error: unknown) => error);
    const waiting = `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    await expect.poll(() => query(url, waiting)).toHaveLength(1);
    await query(url, `select pg_terminate_backend(pid) from (${waiting}) as waiting`);
    expect(isDatabaseUnavailable(await interrupted)).toBe(true);
    await blocker.end();
    await migrate(url, forever);
    const applied = await query(url, 'select from _prisma_migrations where finished_at is not null');
    expect(applied).toHaveLength((await migrationNames()).length);
  });

  it('stop waiting for another that migrates when they are told to', async () => {
    const url = await newDatabase();
    const other = new pg.Client(url);
    await other.connect();
    await other.query('select pg_advisory_lock(7258331)');
    const stop = new AbortController();
    const waiting = migrate(url, stop.signal).catch((error: unknown) => error);
    const locked =
      'select from pg_locks join pg_database on oid = database where not granted and datname = current_database()';
    await expect.poll(() => query(url, locked)).toHaveLength(1);
    stop.abort();
    expect(await waiting).toBeInstanceOf(Error);
    await other.end();
  });

  it('refuse a database that is newer than the code, in one line', async () => {
    const url = await newDatabase();
    await query(
      url,
      `insert into _prisma_migrations (id, checksum, migration_name, finished_at) values ('x', 'x', '29990101000000_later', now())`,
    );
    const server = createDatabaseServer({ url, dataDir: '/nonexistent', logger });
    await expect(server.open(forever)).rejects.toThrow(/^This database is newer than this portal .*$/);
  });

  it('leave no foreign key without an index', async () => {
    const unindexed = await query(
      await newDatabase(),
      `select conrelid::regclass as "table", conname from pg_constraint key
       where contype = 'f' and not exists (
         select from pg_index where indrelid = key.conrelid and indkey[0] = key.conkey[1])`,
    );
    expect(unindexed).toEqual([]);
  });

  it('refuse a database that was made by another edition of one of them', async () => {
    const url = await newDatabase();
    await query(url, `update _prisma_migrations set checksum = 'other' where migration_name like '%first_tables'`);
    const server = createDatabaseServer({ url, dataDir: '/nonexistent', logger });
    await expect(server.open(forever)).rejects.toThrow(/^This database was made by another edition of .*$/);
  });

  it('let the database itself refuse what must not be', async () => {
    const url = await newDatabase();
    const user = '00000000-0000-0000-0000-000000000001';
    const id = (last: number) => `00000000-0000-7000-8000-00000000000${last}`;
    await query(url, `insert into sessions (id, user_id) values ('${id(1)}', '${user}')`);
    const insert = (values: string) =>
      query(
        url,
        `insert into messages (id, session_id, user_id, parent_id, depth, role, status, rating) values ${values}`,
      );
    await insert(`('${id(2)}', '${id(1)}', '${user}', null, 0, 'user', 'complete', null)`);
    for (const wrong of [
      `('${id(3)}', '${id(1)}', '${user}', null, 0, 'user', 'complete', null)`,
      `('${id(3)}', '${id(1)}', '${user}', '${id(2)}', 1, 'tool', 'complete', null)`,
      `('${id(3)}', '${id(1)}', '${user}', '${id(2)}', 1, 'user', 'done', null)`,
      `('${id(3)}', '${id(1)}', '${user}', '${id(2)}', 1, 'user', 'complete', 'up')`,
      `('${id(3)}', '${id(1)}', '${user}', null, 1, 'user', 'complete', null)`,
      `('${id(3)}', '${id(9)}', '${user}', null, 0, 'user', 'complete', null)`,
    ]) {
      await expect(insert(wrong)).rejects.toThrow(/violates/);
    }
    await query(url, `delete from users where id = '${user}'`);
    expect(await query(url, 'select from messages')).toEqual([]);
  });
});

describe('the embedded Postgres', () => {
  it('is set up once, keeps its password to its owner, and holds what it held after a restart', {
    timeout: 120_000,
  }, async () => {
    const dataDir = await dataFolder();
    const first = createDatabaseServer({ url: null, dataDir, logger });
    const db = await first.open(forever);
    await db.session.create({
      data: { id: crypto.randomUUID(), userId: '00000000-0000-0000-0000-000000000001', title: 'kept' },
    });
    expect(await first.ping()).toBeGreaterThan(0);
    const [{ locale } = { locale: '' }] = await db.$queryRaw<
      { locale: string }[]
    >`select datlocale as locale from pg_database where datname = current_database()`;
    expect(locale).toBe('C.UTF-8');
    await first.close();
    expect((await stat(path.join(dataDir, 'postgres-password'))).mode & 0o777).toBe(0o600);
    await expect(stat(path.join(dataDir, 'postgres/postmaster.pid'))).rejects.toThrow('ENOENT');

    const second = createDatabaseServer({ url: null, dataDir, logger });
    expect(await (await second.open(forever)).session.count()).toBe(1);
    await second.close();
  });

  it('refuses a second portal on one folder in one line, and the first goes on', { timeout: 120_000 }, async () => {
    const dataDir = await dataFolder();
    const first = createDatabaseServer({ url: null, dataDir, logger });
    await first.open(forever);
    await refusesAnother(dataDir);
    expect(await first.ping()).toBeGreaterThan(0);
    await first.close();
  });

  it('lets one of two have a new folder that both want at once', { timeout: 120_000 }, async () => {
    const dataDir = await dataFolder();
    const both = [1, 2].map(() => createDatabaseServer({ url: null, dataDir, logger }));
    const opened = await Promise.allSettled(both.map((server) => server.open(forever)));
    const refused = opened.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatchObject({ message: expect.stringMatching(/^Another portal uses .* already/) });
    await Promise.all(both.map((server) => server.close()));
    expect((await readdir(dataDir)).sort()).toEqual(['postgres', 'postgres-password', 'postgres.log']);
  });

  it('starts while another still writes what will be thrown away', { timeout: 120_000 }, async () => {
    const dataDir = await dataFolder();
    const first = createDatabaseServer({ url: null, dataDir, logger });
    await first.open(forever);
    await first.close();
    const unfinished = path.join(dataDir, 'postgres.unfinished-0');
    const writing = new AbortController();
    const writes = (async () => {
      for (let n = 0; !writing.signal.aborted; n++) {
        await mkdir(path.join(unfinished, 'base'), { recursive: true })
          .then(() => writeFile(path.join(unfinished, 'base', String(n % 100)), ''))
          .catch(() => {});
      }
    })();
    const next = createDatabaseServer({ url: null, dataDir, logger });
    await next.open(forever);
    writing.abort();
    await writes;
    await next.close();
  });

  it('of which a server is just writing its number is left to that server', async () => {
    const dir = await dataFolder();
    const pidFile = path.join(dir, 'postmaster.pid');
    const cluster = { dir, postgres: '', account: {}, launcher: [], password: '' };
    await writeFile(pidFile, '');
    expect(await runningServer(cluster)).toBeNull();
    expect(await readdir(dir)).toEqual(['postmaster.pid']);
    // One that was cut off there is in the way of every start.
    await utimes(pidFile, 0, 0);
    expect(await runningServer(cluster)).toBeNull();
    expect(await readdir(dir)).toEqual([]);
  });

  it('of a killed portal is taken over by the next one, which keeps it running', { timeout: 120_000 }, async () => {
    const dataDir = await dataFolder();
    const killed = await portalProcess(dataDir);
    const pid = await serverPid(dataDir);
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    const next = createDatabaseServer({ url: null, dataDir, logger });
    const db = await next.open(forever);
    expect(await serverPid(dataDir)).toBe(pid);
    process.kill(pid, 'SIGQUIT');
    await answersAgain(db);
    await next.close();
    await expect(serverPid(dataDir)).rejects.toThrow('ENOENT');
  });

  it('is not mistaken for the process that has its number after a crash', { timeout: 120_000 }, async () => {
    const dataDir = await dataFolder();
    const first = createDatabaseServer({ url: null, dataDir, logger });
    await first.open(forever);
    await first.close();
    await writeFile(path.join(dataDir, 'postgres/postmaster.pid'), `${process.pid}\n${dataDir}\n0\n5432\n`);
    const next = createDatabaseServer({ url: null, dataDir, logger });
    await next.open(forever);
    await next.close();
  });

  it('is started again when it dies, and the folder stays held', { timeout: 120_000 }, async () => {
    const dataDir = await dataFolder();
    const server = createDatabaseServer({ url: null, dataDir, logger });
    const db = await server.open(forever);
    for (const signal of ['SIGQUIT', 'SIGKILL'] as const) {
      const underWay = db.$queryRaw`select pg_sleep(4)`.catch((error: unknown) => error);
      process.kill(await serverPid(dataDir), signal);
      expect(isDatabaseUnavailable(await underWay)).toBe(true);
      await answersAgain(db);
    }
    // It answers a moment before its portal holds it again.
    const locks = () => db.$queryRaw<unknown[]>`select pid from pg_locks where locktype = 'advisory' and granted`;
    await expect.poll(locks).toHaveLength(1);
    await refusesAnother(dataDir);
    await answersAgain(db);
    await server.close();
  });

  it('stops when it is told to while it starts again', { timeout: 120_000 }, async () => {
    const dataDir = await dataFolder();
    for (let round = 0; round < 3; round++) {
      const server = createDatabaseServer({ url: null, dataDir, logger });
      await server.open(forever);
      const pid = await serverPid(dataDir);
      process.kill(pid, 'SIGKILL');
      await expect.poll(() => serverPid(dataDir).catch(() => pid), { interval: 1 }).not.toBe(pid);
      await server.close();
      await expect(serverPid(dataDir)).rejects.toThrow('ENOENT');
    }
  });

  it('that hangs does not keep the portal from ending', { timeout: 120_000 }, async () => {
    const dataDir = await dataFolder();
    const server = createDatabaseServer({ url: null, dataDir, logger });
    const db = await server.open(forever);
    await db.$queryRaw`select 1`;
    process.kill(await serverPid(dataDir), 'SIGSTOP');
    const before = performance.now();
    await server.close();
    expect(performance.now() - before).toBeLessThan(patient(12_000));
    const lives = () =>
      serverPid(dataDir).then(
        (pid) => process.kill(pid, 0),
        () => false,
      );
    await expect.poll(() => lives().catch(() => false)).toBe(false);
  });

  it('that cannot start is said in one line', { timeout: 120_000 }, async () => {
    const dataDir = await dataFolder();
    const first = createDatabaseServer({ url: null, dataDir, logger });
    await first.open(forever);
    await first.close();
    await writeFile(path.join(dataDir, 'postgres/PG_VERSION'), '9.6\n');
    const next = createDatabaseServer({ url: null, dataDir, logger });
    await expect(next.open(forever)).rejects.toThrow(/^Postgres does not start: database files are incompatible.*$/);
    await next.close();
  });
});

describe('an outage', () => {
  it('is told from other errors, and ends by itself', async () => {
    const dataDir = await dataFolder();
    const postgres = createEmbeddedPostgres({ dataDir, logger });
    const url = await postgres.start(forever);
    const { port } = new URL(url);
    await migrate(url, forever);
    const db = await openTestDatabase(url);
    expect(await db.session.count()).toBe(0);
    await postgres.stop();
    for (const refused of [
      () => db.session.count(),
      () => db.$queryRaw`select 1`,
      () => db.$transaction(async (tx) => tx.session.count()),
    ]) {
      const error = await refused().catch((thrown: unknown) => thrown);
      expect(isDatabaseUnavailable(error)).toBe(true);
    }
    expect(isDatabaseUnavailable(new Error('something else'))).toBe(false);
    const again = createEmbeddedPostgres({ dataDir, logger, port: Number(port) });
    await again.start(forever);
    await expect.poll(() => db.session.count().catch(() => -1), { timeout: 20_000 }).toBe(0);
    await again.stop();
  });

  it('in which the server only falls silent is noticed within 5 s', async () => {
    const dataDir = await dataFolder();
    const server = createDatabaseServer({ url: null, dataDir, logger });
    const db = await server.open(forever);
    const [{ pid } = { pid: 0 }] = await db.$queryRaw<{ pid: number }[]>`select pg_backend_pid() as pid`;
    process.kill(pid, 'SIGSTOP');
    const startedAt = performance.now();
    const error = await db.session.count().catch((thrown: unknown) => thrown);
    expect(isDatabaseUnavailable(error)).toBe(true);
    expect(performance.now() - startedAt).toBeLessThan(patient(6_000));
    process.kill(pid, 'SIGCONT');
    await answersAgain(db);
    await server.close();
  });
});

async function migrationNames(): Promise<string[]> {
  const entries = await readdir(path.join(import.meta.dirname, '../../prisma/migrations'), { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
}

async function serverPid(dataDir: string): Promise<number> {
  return Number.parseInt(await readFile(path.join(dataDir, 'postgres/postmaster.pid'), 'utf8'), 10);
}

/** Until then every query fails as one of an outage. */
async function answersAgain(db: Database): Promise<void> {
  await expect
    .poll(() => db.session.count().catch((error: unknown) => isDatabaseUnavailable(error) || error), {
      timeout: 20_000,
    })
    .toBe(0);
}

async function refusesAnother(dataDir: string): Promise<void> {
  const another = createDatabaseServer({ url: null, dataDir, logger });
  await expect(another.open(forever)).rejects.toThrow(/^Another portal uses .* already.*$/);
  await another.close();
}

/** A process that opens the embedded database and then waits to be killed. */
async function portalProcess(dataDir: string): Promise<ChildProcess> {
  const script = `
    import { pino } from 'pino';
    import { createDatabaseServer } from './server/stores/database.ts';
    await createDatabaseServer({ url: null, dataDir: ${JSON.stringify(dataDir)}, logger: pino({ level: 'silent' }) }).open(new AbortController().signal);
    process.stdout.write('open');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
    cwd: path.join(import.meta.dirname, '../..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

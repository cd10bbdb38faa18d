import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, statfs } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { inject } from 'vitest';
import type { TestProject } from 'vitest/node';
import { createEmbeddedPostgres } from '../../server/stores/embedded-postgres.ts';
import { migrate } from '../../server/stores/migrations.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A server that this run started; its `template` database is migrated. */
    postgresUrl: string;
  }
}

const template = 'template_portal';
/** Bytes. The whole run never has more than a fourth of it there. */
const roomInMemory = 1024 ** 3;
const untilTheEnd = new AbortController().signal;

/** Starts one Postgres for the whole run, unless that is of unit tests alone; called by vitest. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (project.vitest.projects.every(({ name }) => name === 'unit')) return async () => {};
  const folder = await mkdtemp(path.join(await roomyFolder(), 'portal-postgres-'));
  const server = createEmbeddedPostgres({
    dataDir: path.join(folder, 'data'),
    logger: pino({ level: 'silent' }),
    settings: [
      'fsync=off',
      'full_page_writes=off',
      'shared_preload_libraries=pg_stat_statements',
      'max_connections=200',
      'max_wal_size=256MB',
    ],
  });
  // The account that Postgres runs as must get to its data.
  await chmod(folder, 0o755);
  removeWhenKilled(folder);
  const url = await server.start(untilTheEnd);
  await withAdmin(url, async (admin) => {
    // A thousand portals connect with some ten connections each, and every one would prove its password 4096 times.
    await admin.query(`set scram_iterations = 1; alter role ${admin.user} password '${admin.password}'`);
    await admin.query(`create database ${template}`);
  });
  await migrate(at(url, template), untilTheEnd);
  project.provide('postgresUrl', url);
  return async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

/** In memory where there is room: each test has a database of its own, of a thousand files that are soon gone again. */
async function roomyFolder(): Promise<string> {
  const inMemory = '/dev/shm';
  const free = await statfs(inMemory).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0,
  );
  return free >= roomInMemory ? inMemory : tmpdir();
}

/** Leaves nothing behind of a run that is killed: a process whose standard input ends with ours stops the server. */
function removeWhenKilled(folder: string): void {
  const script = `
    const { readFileSync, rmSync } = require('node:fs');
    process.stdin.resume().on('end', () => {
      try {
        process.kill(parseInt(readFileSync(process.argv[1] + '/data/postgres/postmaster.pid', 'utf8')), 'SIGKILL');
      } catch {}
      rmSync(process.argv[1], { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    });`;
  const watcher = spawn(process.execPath, ['--eval', script, folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.unref();
  if (watcher.stdin instanceof Socket) watcher.stdin.unref();
}

export interface TestDatabase {
  url: string;
  drop(): Promise<void>;
}

/** A migrated database of one's own, copied from the template. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = inject('postgresUrl');
  const name = `test_${crypto.randomUUID().replaceAll('-', '')}`;
  await withAdmin(server, (admin) => admin.query(`create database ${name} template ${template}`));
  return {
    url: at(server, name),
    drop: () => withAdmin(server, (admin) => admin.query(`drop database if exists ${name} with (force)`)),
  };
}

async function withAdmin(url: string, work: (admin: pg.Client) => Promise<unknown>): Promise<void> {
  const admin = new pg.Client(at(url, 'postgres'));
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}

function at(url: string, database: string): string {
  return Object.assign(new URL(url), { pathname: `/${database}` }).href;
}

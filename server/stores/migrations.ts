import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
  type Transaction,
} from '@prisma/driver-adapter-utils';
import pg from 'pg';
import { FatalDatabaseError, isDatabaseUnavailable } from './database-errors.ts';

const prismaDir = path.join(import.meta.dirname, '../../prisma');
const migrationsDir = path.join(prismaDir, 'migrations');
/** One migrates at a time, whoever starts first; any number that nobody else uses will do. */
const lockId = 7_258_331;
const everything = {
  externalTables: [],
  externalEnums: [],
};

/**
 * Brings the database to the code's state with Prisma's own engine, compiled to WebAssembly: nothing is downloaded. What
 * is missing is applied in one transaction, so that a failure or a kill leaves nothing half-done. Does nothing, fast,
 * where there is nothing to do; two at once wait for each other. Throws FatalDatabaseError for a database that is newer
 * than the code, and for a migration that fails; rejects when the signal aborts while it waits.
 */
export async function migrate(url: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3000 });
  // A connection that breaks fails the query under way; without a listener the event would end the process.
  client.on('error', () => {});
  const abandon = () => void client.end();
  signal.addEventListener('abort', abandon, { once: true });
  try {
    await client.connect();
    await client.query('select pg_advisory_lock($1)', [lockId]);
    const known = await migrationNames();
    const applied = await appliedMigrations(client);
    for (const { name, checksum } of applied) {
      if (!known.includes(name)) {
        throw new FatalDatabaseError(
          `This database is newer than this portal (it has ${name}): install the newer portal.`,
        );
      }
      if (checksum !== (await checksumOf(name))) {
        throw new FatalDatabaseError(
          `This database was made by another edition of the migration ${name}: restore a backup.`,
        );
      }
    }
    if (applied.length < known.length) await inTurn(() => applyMigrations(url, known));
  } finally {
    signal.removeEventListener('abort', abandon);
    await client.end();
  }
}

async function migrationNames(): Promise<string[]> {
  const entries = await readdir(migrationsDir, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** As Prisma keeps it: SHA-256 of the script. */
async function checksumOf(name: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path.join(migrationsDir, name, 'migration.sql')))
    .digest('hex');
}

interface AppliedMigration {
  name: string;
  checksum: string;
}

async function appliedMigrations(client: pg.Client): Promise<AppliedMigration[]> {
  const { rows: tables } = await client.query(`select to_regclass('_prisma_migrations') is not null as present`);
  if (!tables[0]?.present) return [];
  const { rows } = await client.query<AppliedMigration & { failed: boolean }>(
    `select migration_name as name, checksum, finished_at is null as failed from _prisma_migrations
     where rolled_back_at is null order by started_at`,
  );
  const failed = rows.find((row) => row.failed);
  if (failed !== undefined) {
    throw new FatalDatabaseError(
      `Another tool began the migration ${failed.name} in this database and did not finish it: restore a backup.`,
    );
  }
  return rows;
}

let turn: Promise<void> = Promise.resolve();

/** One after the other: the engine's one instance of a process cannot serve two databases at once. */
function inTurn(work: () => Promise<void>): Promise<void> {
  const mine = turn.then(work);
  turn = mine.then(
    () => undefined,
    () => undefined,
  );
  return mine;
}

async function applyMigrations(url: string, names: readonly string[]): Promise<void> {
  const { SchemaEngine } = await loadEngine();
  const datamodel = await readFile(path.join(prismaDir, 'schema.prisma'), 'utf8');
  const migrationsList = await readMigrations(names);
  const pool = new pg.Pool({ connectionString: url, max: 1, connectionTimeoutMillis: 3000 });
  pool.on('error', () => {});
  try {
    const transaction = await (await new PrismaPg(pool).connect()).startTransaction();
    const execute = (sql: string) => transaction.executeRaw({ sql, args: [], argTypes: [] });
    // The engine tells of a script's failure in many lines, and loses the cause where it cannot write it down.
    let failure: unknown = null;
    const executeScript = async (script: string) => {
      try {
        await execute(script);
      } catch (error) {
        failure ??= error;
        throw error;
      }
    };
    const factory = bindMigrationAwareSqlAdapterFactory(withinTransaction(transaction, executeScript));
    const engine = await SchemaEngine.new({ datamodels: [['schema.prisma', datamodel]] }, () => {}, factory);
    try {
      await engine.applyMigrations({ migrationsList, filters: everything });
      await execute('commit');
    } catch (error) {
      throw failed(failure ?? error);
    } finally {
      engine.free();
      await transaction.rollback();
    }
  } finally {
    await pool.end();
  }
}

function failed(error: unknown): unknown {
  if (isDatabaseUnavailable(error)) return error;
  const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
  return new FatalDatabaseError(`A migration failed, and nothing of it was kept: ${reason}`, { cause: error });
}

/**
 * The engine's way to the database: one connection, in a transaction that is ours to commit. A script goes there whole:
 * the adapter's own way would cut it at every semicolon, those of functions and comments too.
 */
function withinTransaction(
  transaction: Transaction,
  executeScript: (script: string) => Promise<void>,
): SqlMigrationAwareDriverAdapterFactory {
  const { provider, adapterName } = transaction;
  const refuse = () => Promise.reject(new Error('Migrations run in one transaction on one database.'));
  const adapter: SqlDriverAdapter = {
    provider,
    adapterName,
    queryRaw: (query) => transaction.queryRaw(query),
    executeRaw: (query) => transaction.executeRaw(query),
    executeScript,
    startTransaction: refuse,
    getConnectionInfo: () => ({ supportsRelationJoins: true }),
    dispose: async () => {},
  };
  return { provider, adapterName, connect: async () => adapter, connectToShadowDb: refuse };
}

async function readMigrations(names: readonly string[]) {
  const migrationDirectories = await Promise.all(
    names.map(async (name) => {
      const content = await readFile(path.join(migrationsDir, name, 'migration.sql'), 'utf8');
      return { path: name, migrationFile: { path: 'migration.sql', content: { tag: 'ok' as const, value: content } } };
    }),
  );
  const lockfile = {
    path: './migration_lock.toml',
    content: await readFile(path.join(migrationsDir, 'migration_lock.toml'), 'utf8'),
  };
  return { baseDir: migrationsDir, lockfile, shadowDbInitScript: '', migrationDirectories };
}

let engine: ReturnType<typeof instantiateEngine> | null = null;

/** Once a process: the package keeps its one instance in variables of its own. */
function loadEngine(): ReturnType<typeof instantiateEngine> {
  engine ??= instantiateEngine();
  return engine;
}

/** The package expects a bundler that loads WebAssembly: here that is done by hand. */
async function instantiateEngine() {
  const bindings = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const require = createRequire(import.meta.url);
  const folder = path.dirname(require.resolve('@prisma/schema-engine-wasm'));
  const { instance } = await WebAssembly.instantiate(await readFile(path.join(folder, 'schema_engine_bg.wasm')), {
    './schema_engine_bg.js': bindings as unknown as WebAssembly.ModuleImports,
  });
  const exports = instance.exports as { __wbindgen_start(): void };
  bindings.__wbg_set_wasm(exports);
  exports.__wbindgen_start();
  return bindings;
}

import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import pg from 'pg';
import { FatalDatabaseError } from './database-errors.ts';

const prismaDir = path.join(import.meta.dirname, '../../prisma');
const migrationsDir = path.join(prismaDir, 'migrations');
/** One migrates at a time, whoever starts first; any number that nobody else uses will do. */
const lockId = 7_258_331;
const everything = {
  externalTables: [],
  externalEnums: [],
};

/**
 * Brings the database to the code's state with Prisma's own engine, compiled to WebAssembly: nothing is downloaded. Does
 * nothing, fast, where there is nothing to do; two at once wait for each other. Throws FatalDatabaseError for a
 * database that is newer than the code, or in which a migration failed half-way.
 */
export async function migrate(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3000 });
  // A connection that breaks fails the query under way; without a listener the event would end the process.
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [lockId]);
    const known = await migrationNames();
    const applied = await appliedMigrations(client);
    const unknown = applied.find((name) => !known.includes(name));
    if (unknown !== undefined) {
      throw new FatalDatabaseError(
        `This database is newer than this portal (it has ${unknown}): install the newer portal.`,
      );
    }
    if (applied.length < known.length) await applyMigrations(url, known);
  } finally {
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

async function appliedMigrations(client: pg.Client): Promise<string[]> {
  const { rows: tables } = await client.query(`select to_regclass('_prisma_migrations') is not null as present`);
  if (!tables[0]?.present) return [];
  const { rows } = await client.query<{ name: string; failed: boolean }>(
    `select migration_name as name, finished_at is null as failed from _prisma_migrations
     where rolled_back_at is null order by started_at`,
  );
  const failed = rows.find((row) => row.failed);
  if (failed !== undefined) {
    throw new FatalDatabaseError(
      `The migration ${failed.name} failed half-way in this database: restore it from a backup.`,
    );
  }
  return rows.map((row) => row.name);
}

async function applyMigrations(url: string, names: readonly string[]): Promise<void> {
  const { SchemaEngine } = await loadEngine();
  const datamodel = await readFile(path.join(prismaDir, 'schema.prisma'), 'utf8');
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  pool.on('error', () => {});
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool));
  const engine = await SchemaEngine.new({ datamodels: [['schema.prisma', datamodel]] }, () => {}, adapter);
  try {
    const migrationDirectories = await Promise.all(
      names.map(async (name) => {
        const content = await readFile(path.join(migrationsDir, name, 'migration.sql'), 'utf8');
        return {
          path: name,
          migrationFile: { path: 'migration.sql', content: { tag: 'ok' as const, value: content } },
        };
      }),
    );
    await engine.applyMigrations({
      migrationsList: {
        baseDir: migrationsDir,
        lockfile: {
          path: './migration_lock.toml',
          content: await readFile(path.join(migrationsDir, 'migration_lock.toml'), 'utf8'),
        },
        shadowDbInitScript: '',
        migrationDirectories,
      },
      filters: everything,
    });
  } finally {
    engine.free();
    await pool.end();
  }
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

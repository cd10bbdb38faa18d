import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { buildApp } from '../../server/app.ts';
import { readConfig } from '../../server/config.ts';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { createEmbeddedPostgres } from '../../server/stores/embedded-postgres.ts';
import { freePort } from './free-port.ts';
import { childrenOf } from './processes.ts';

const forever = new AbortController().signal;

/** A portal whose Postgres can be stopped and started; it begins without. */
export async function portalOnItsOwnPostgres() {
  const folder = await mkdtemp(path.join(tmpdir(), 'portal-outage-'));
  await chmod(folder, 0o755);
  const logger = pino({ level: 'silent' });
  const port = await freePort();
  const postgres = createEmbeddedPostgres({ dataDir: path.join(folder, 'pg'), logger, port });
  const url = await postgres.start(forever);
  await postgres.stop();
  const engine = createScriptedEngine();
  const config = readConfig(
    { PORT: '0', DATA_DIR: folder, MODELS_DIR: folder, DATABASE_URL: url, LOG_LEVEL: 'silent' },
    folder,
  );
  const app = await buildApp(config, { engine, logger });
  onTestFinished(async () => {
    await signal('SIGCONT').catch(() => {});
    await app.stop();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  });
  await app.start();

  /** Sends a signal to Postgres and to each of its processes. */
  async function signal(name: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    const server = Number(
      (await readFile(path.join(folder, 'pg', 'postgres', 'postmaster.pid'), 'utf8')).split('\n', 1)[0],
    );
    for (const pid of [server, ...(await childrenOf(server))]) process.kill(pid, name);
  }

  return {
    app,
    url: app.url,
    engine,
    postgres: {
      start: () => postgres.start(forever),
      stop: () => postgres.stop(),
      /** It keeps its connections and says nothing. */
      freeze: () => signal('SIGSTOP'),
      thaw: () => signal('SIGCONT'),
    },
  };
}

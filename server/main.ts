import { type Config, ConfigError, configExitCode, configOfProcess } from './config.ts';
import { createLogger } from './logger.ts';
import { FatalDatabaseError } from './stores/database-errors.ts';

const stopWithinMs = 20_000;
/** A terminal's Ctrl-C may arrive twice, by npm and by itself; a person who means it presses again later. */
const sameKeyMs = 1_000;

/** Says in one line why it cannot go on, and ends. */
function giveUp(message: string, exitCode: number): never {
  process.stderr.write(`${message}\n`);
  process.exit(exitCode);
}

function configure(): Config {
  try {
    return configOfProcess();
  } catch (error) {
    if (error instanceof ConfigError) giveUp(error.message, configExitCode);
    throw error;
  }
}

const config = configure();
const logger = createLogger(config.log);
// Loaded late: a bad setting is told at once.
const { buildApp } = await import('./app.ts');
const app = await buildApp(config, { logger });

let stopping = false;
let firstAskedAt = Number.POSITIVE_INFINITY;
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  process.on(signal, async () => {
    if (performance.now() - firstAskedAt > sameKeyMs) process.exit(1);
    if (stopping) return;
    stopping = true;
    firstAskedAt = performance.now();
    logger.info('stopping');
    setTimeout(() => giveUp('The portal did not stop in time.', 1), stopWithinMs).unref();
    await app.stop();
    process.exit(0);
  });
}

try {
  await app.start();
  logger.info(
    `${config.role === 'worker' ? 'A worker of PocketLLM Portal' : 'PocketLLM Portal'} is at ${app.url.replace('127.0.0.1', 'localhost')}`,
  );
  await app.whenReady();
  logger.info('ready');
} catch (error) {
  if (stopping) await new Promise(() => {});
  await app.stop();
  if (error instanceof FatalDatabaseError) giveUp(error.message, 1);
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    giveUp(`Port ${config.listen.port} is taken: set PORT to another one, or stop what listens there.`, 1);
  }
  throw error;
}

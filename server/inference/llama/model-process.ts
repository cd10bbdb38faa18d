import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { childEnvironment } from '../../config.ts';
import type { FromChild, ToChild } from './protocol.ts';

/** One run of the child process that holds llama.cpp. */
export interface ModelProcess {
  readonly pid: number | null;
  send(message: ToChild): void;
  /** SIGTERM, and SIGKILL where that does not end it. Resolves when it is gone. */
  stop(): Promise<void>;
}

export interface ModelProcessOptions {
  onMessage: (message: Exclude<FromChild, { type: 'pong' }>) => void;
  /** Called once, with a line that says how it ended. */
  onExit: (reason: string) => void;
  /** For how long the child may be silent now. */
  patienceMs: () => number;
}

const pingIntervalMs = 500;
const stopGraceMs = 2000;
const tailLength = 4096;

/**
 * Starts the child. One that leaves pings unanswered for longer than it may is killed: decoding runs on another thread,
 * so a healthy child always answers.
 */
export function startModelProcess({ onMessage, onExit, patienceMs }: ModelProcessOptions): ModelProcess {
  const child = fork(fileURLToPath(new URL('./child.ts', import.meta.url)), {
    execArgv: ['--import', typeScriptLoader()],
    serialization: 'advanced',
    // llama.cpp's threads are bound to the thread that calls it; with more than one in the pool they change all the time.
    env: { ...childEnvironment(), UV_THREADPOOL_SIZE: '1' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const tail = keepTail(child);
  let unanswered = 0;
  let silent = false;

  const pinging = setInterval(() => {
    // Counted in pings, not by the clock: a laptop that slept is no silence.
    if (unanswered * pingIntervalMs >= patienceMs()) {
      silent = true;
      child.kill('SIGKILL');
      return;
    }
    unanswered++;
    send({ type: 'ping' });
  }, pingIntervalMs);
  pinging.unref();

  function send(message: ToChild): void {
    // A send that fails means that the child is gone, and its exit says so.
    if (child.connected) child.send(message, () => undefined);
  }

  child.on('message', (messages: FromChild[]) => {
    unanswered = 0;
    for (const message of messages) if (message.type !== 'pong') onMessage(message);
  });
  const gone = new Promise<void>((resolve) => {
    const finish = (reason: string) => {
      clearInterval(pinging);
      onExit(reason);
      resolve();
    };
    child.once('error', (error) => {
      if (child.pid === undefined) finish(`could not be started: ${error.message}`);
    });
    child.once('exit', (code, signal) => {
      const how = silent
        ? 'did not answer and was killed'
        : signal === null
          ? `ended with code ${code}`
          : `ended by ${signal}`;
      const said = tail();
      finish(said === '' ? how : `${how}: ${said}`);
    });
  });

  return {
    get pid() {
      return child.pid ?? null;
    },
    send,
    async stop() {
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), stopGraceMs);
      await gone;
      clearTimeout(force);
    },
  };
}

/** The last line that the child wrote: llama.cpp's own words where it gave up. */
function keepTail(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    text = (text + piece).slice(-tailLength);
  });
  return () =>
    text
      .trim()
      .split('\n')
      .findLast((line) => /assert|error|abort|fatal/i.test(line))
      ?.trim() ?? '';
}

function typeScriptLoader(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
}

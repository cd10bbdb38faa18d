import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** What a person can mend: the message is the whole story. */
export class SetupError extends Error {}

const keptLines = 40;
const waitedOut = ['SIGINT', 'SIGHUP', 'SIGTERM'];

/**
 * Runs a command to its end without a word. Throws a SetupError with the end of its output where it fails.
 */
export async function runQuietly(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const output = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(chunk));
  const code = await exitOf(child);
  if (code === 0) return;
  const lines = Buffer.concat(output).toString().trimEnd().split('\n').slice(-keptLines);
  throw new SetupError(`${lines.join('\n')}\n${[command, ...args].join(' ')} ended with exit code ${code}.`);
}

/** Runs a command on our terminal and resolves with its exit code. */
export function runAttached(command, args, options = {}) {
  return exitOf(spawn(command, args, { stdio: 'inherit', ...options }));
}

/** Resolves with the exit code of `child`, a signal counted as shells do. A signal to us ends it, and we wait for it. */
export async function exitOf(child) {
  // SIGINT and SIGHUP come from the terminal, which sends them to the child as well: twice means at once to most.
  const passOn = (signal) => {
    if (signal === 'SIGTERM') child.kill(signal);
  };
  for (const signal of waitedOut) process.on(signal, passOn);
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', (error) => reject(new SetupError(`${child.spawnfile} cannot be started: ${error.message}`)));
      child.once('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
    });
  } finally {
    for (const signal of waitedOut) process.off(signal, passOn);
  }
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

export interface PortalProcess {
  pid: number;
  /** Everything that it has written. */
  output(): string;
  /** Resolves with the first match in its output; rejects where it ends without one. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves with its exit code once it has ended. */
  exited: Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
}

/**
 * The portal as a process of its own, as people run it unless another `entry` is named, with no settings but `env` and folders
 * of its own. Killed when the test ends.
 */
export async function spawnPortal(env: Record<string, string>, entry = 'server/main.ts'): Promise<PortalProcess> {
  const folder = await mkdtemp(path.join(tmpdir(), 'portal-process-'));
  const child = spawn(process.execPath, ['--import', 'tsx', entry], {
    cwd: path.join(import.meta.dirname, '../..'),
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      DATA_DIR: path.join(folder, 'data'),
      MODELS_DIR: path.join(folder, 'models'),
      ...env,
    },
  });
  let output = '';
  let closed = false;
  const exited = once(child, 'close').then(([code]: (number | null)[]) => {
    closed = true;
    return code ?? null;
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      child.emit('output');
    });
  }
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
    await rm(folder, { recursive: true, force: true });
  });

  return {
    pid: child.pid ?? 0,
    output: () => output,
    exited,
    kill: (signal) => child.kill(signal),
    async waitFor(pattern) {
      for (;;) {
        const found = pattern.exec(output);
        if (found !== null) return found;
        if (closed) throw new Error(`the portal ended without ${pattern}:\n${output}`);
        await Promise.race([once(child, 'output'), exited]);
      }
    },
  };
}

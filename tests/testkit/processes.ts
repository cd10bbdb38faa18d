import { readdir, readFile } from 'node:fs/promises';

/** Ids of the processes that `pid` has started itself. */
export async function childrenOf(pid: number): Promise<number[]> {
  const children: number[] = [];
  for (const entry of await readdir('/proc')) {
    const stat = /^\d+$/.test(entry) ? await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '') : '';
    // The name, in parentheses, may hold anything.
    const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(parent) === pid) children.push(Number(entry));
  }
  return children;
}

/** The child of the portal that holds llama.cpp, or null while it is between two. */
export async function findEngineOf(portalPid: number): Promise<number | null> {
  for (const pid of await childrenOf(portalPid)) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes('inference/llama')) return pid;
  }
  return null;
}

/** The child of the portal that holds llama.cpp. Throws where there is none. */
export async function engineOf(portalPid: number): Promise<number> {
  const pid = await findEngineOf(portalPid);
  if (pid === null) throw new Error('the portal has no engine process');
  return pid;
}

/** Memory that a process has in use, in bytes. */
export async function residentBytes(pid: number): Promise<number> {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

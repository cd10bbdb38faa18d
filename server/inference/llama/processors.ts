import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import type { Processors } from './thread-rule.ts';

/**
 * This machine's. `mathCores` are those that llama.cpp finds worth computing on: one for each physical core, without the
 * efficient ones. A limit of the process, by affinity or as a container, counts too.
 */
export function processorsOf(mathCores: number): Processors {
  return {
    cores: Math.max(1, Math.min(mathCores, availableParallelism(), Math.floor(processorQuota() ?? mathCores))),
    used: () => cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) / 1000,
    own: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
    now: () => performance.now() / 1000,
  };
}

/** Cores' worth of time that a container may use; null where nothing limits it. */
function processorQuota(): number | null {
  try {
    const [quota, period] = readFileSync('/sys/fs/cgroup/cpu.max', 'utf8').split(' ');
    return quota === 'max' ? null : Number(quota) / Number(period);
  } catch {
    // Another system, or cgroups of the first version, where Node's own limits have to do.
    return null;
  }
}

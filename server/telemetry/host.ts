import { cpus, totalmem } from 'node:os';

/** This process, and the machine that it runs on. */
export interface HostFigures {
  uptimeSeconds: number;
  /** Of all cores, 0 to 100, since the figures were read last (at least a second ago), else since the machine started. */
  cpuPercent: number;
  /** Resident memory of this process. */
  memoryBytes: number;
  memoryTotalBytes: number;
}

const shortestSpanMs = 1_000;

export function createHostFigures(): () => HostFigures {
  let before = { at: Number.NEGATIVE_INFINITY, busy: 0, all: 0 };
  let cpuPercent = 0;

  return () => {
    const at = performance.now();
    if (at - before.at >= shortestSpanMs) {
      const now = { at, ...cpuTimes() };
      const all = now.all - before.all;
      cpuPercent = all === 0 ? 0 : (100 * (now.busy - before.busy)) / all;
      before = now;
    }
    return {
      uptimeSeconds: process.uptime(),
      cpuPercent,
      memoryBytes: process.memoryUsage.rss(),
      memoryTotalBytes: totalmem(),
    };
  };
}

function cpuTimes(): { busy: number; all: number } {
  const times = cpus().map((cpu) => cpu.times);
  const all = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
  return { all, busy: all - times.reduce((sum, { idle }) => sum + idle, 0) };
}

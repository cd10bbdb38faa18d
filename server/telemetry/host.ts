import { cpus, totalmem } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** This process, and the machine that it runs on. */
export interface HostFigures {
  uptimeSeconds: number;
  /** Of all cores, 0 to 100, since the figures were read last (at least a second ago), else since the machine started. */
  cpuPercent: number;
  /** Resident memory of this process. */
  memoryBytes: number;
  memoryTotalBytes: number;
  /** The longest that this process kept an event waiting, since the figures were read last (at least a second ago). */
  eventLoopDelayMs: number;
}

const shortestSpanMs = 1_000;
/** How often the event loop is looked at; its histogram counts this into every delay. */
const resolutionMs = 10;

export function createHostFigures(): () => HostFigures {
  let before = { at: Number.NEGATIVE_INFINITY, busy: 0, all: 0 };
  let cpuPercent = 0;
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  delays.enable();
  let eventLoopDelayMs = 0;

  return () => {
    const at = performance.now();
    if (at - before.at >= shortestSpanMs) {
      const now = { at, ...cpuTimes() };
      const all = now.all - before.all;
      cpuPercent = all === 0 ? 0 : (100 * (now.busy - before.busy)) / all;
      before = now;
      eventLoopDelayMs = Math.max(0, delays.max / 1e6 - resolutionMs);
      delays.reset();
    }
    return {
      uptimeSeconds: process.uptime(),
      cpuPercent,
      memoryBytes: process.memoryUsage.rss(),
      memoryTotalBytes: totalmem(),
      eventLoopDelayMs,
    };
  };
}

function cpuTimes(): { busy: number; all: number } {
  const times = cpus().map((cpu) => cpu.times);
  const all = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
  return { all, busy: all - times.reduce((sum, { idle }) => sum + idle, 0) };
}

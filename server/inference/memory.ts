import { existsSync, readFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';

/** Left to everything else, whatever a model wants: a tenth, a gigabyte at most. */
const mostHeadroom = 2 ** 30;
const headroomShare = 0.1;
/** macOS tells only what was never used, so that this share of all is taken for available. */
const macShare = 0.75;
const cgroup = '/sys/fs/cgroup';

/** Bytes that a model may take now, with what other programs need left out. A container's limit counts. */
export function memoryForModels(): number {
  const limit = containerLimit();
  const free = process.platform === 'darwin' ? macShare * totalmem() : freemem();
  const available = limit === null ? free : Math.min(free, limit - containerUse());
  return Math.max(0, available - headroom(totalMemory()));
}

/** Bytes that a model could take were nothing else running. */
export function memoryForOneModel(): number {
  return totalMemory() - headroom(totalMemory());
}

/** Whether a graphics card may bring memory of its own, of which nothing is known before it is asked. */
export function mayHaveGraphicsMemory(): boolean {
  if (process.platform === 'darwin') return false;
  return process.platform === 'win32' || ['/dev/nvidiactl', '/dev/kfd'].some((device) => existsSync(device));
}

/** As people say it: 9.1 GB. */
export function inGigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

function totalMemory(): number {
  return Math.min(totalmem(), containerLimit() ?? Number.POSITIVE_INFINITY);
}

function headroom(total: number): number {
  return Math.min(mostHeadroom, total * headroomShare);
}

function containerLimit(): number | null {
  const limit = Number(readFirstWord(`${cgroup}/memory.max`));
  return Number.isFinite(limit) && limit > 0 ? limit : null;
}

/** What cannot be given back: files that are kept in memory, as weights are, can. */
function containerUse(): number {
  const used = Number(readFirstWord(`${cgroup}/memory.current`));
  const files = /^inactive_file (\d+)$/m.exec(read(`${cgroup}/memory.stat`))?.[1] ?? 0;
  const active = /^active_file (\d+)$/m.exec(read(`${cgroup}/memory.stat`))?.[1] ?? 0;
  return Number.isFinite(used) ? Math.max(0, used - Number(files) - Number(active)) : 0;
}

function readFirstWord(file: string): string {
  return read(file).trim().split(/\s/, 1)[0] || 'max';
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Another system, or one without such limits.
    return '';
  }
}

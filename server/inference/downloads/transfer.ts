import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import { pause } from '../../pause.ts';
import type { downloadLimits } from '../downloads.ts';
import { readGgufHeader } from '../gguf-header.ts';
import { type DownloadProblem, lasting, passing, problemOfConnection, problemOfDisk } from './download-problem.ts';
import type { ModelHost, Opened } from './model-host.ts';
import type { ModelSource } from './model-source.ts';

export type TransferLimits = Omit<
  { [Name in keyof typeof downloadLimits]: (typeof downloadLimits)[Name] extends number ? number : readonly number[] },
  'atOnce' | 'remembered' | 'redirects'
>;

/** What is known of the file that is being brought; it outlives the process beside the part that has arrived. */
export interface TransferState {
  sha256: string | null;
  etag: string | null;
  totalBytes: number | null;
}

interface Job {
  source: ModelSource;
  /** Where the bytes go; what is there already is the beginning. */
  part: string;
  state: TransferState;
  host: ModelHost;
  limits: TransferLimits;
  /** Bytes free where `part` is. */
  freeBytes: () => Promise<number>;
  /** Each time that bytes have arrived, or proved useless. */
  onProgress: (receivedBytes: number) => void;
  /** Keeps `state`, which is not as before; without it nothing could be taken up after a crash. */
  saveState: () => Promise<void>;
  signal: AbortSignal;
}

const magic = Buffer.from('GGUF');
const bytesBetweenDiskChecks = 64 << 20;

/**
 * Brings the whole file to `part`, through as many connections as it takes, and checks it. Rejects with a DownloadProblem,
 * or as the signal says; what has arrived stays, unless it turned out to be wrong.
 */
export async function transfer(job: Job): Promise<void> {
  const { limits, signal } = job;
  let received = await sizeOf(job.part);
  let failures = 0;
  let changes = 0;
  let arrived = 0;

  for (;;) {
    const before = received;
    try {
      received = await bringOnce(job, received, (bytes) => {
        received = bytes;
        job.onProgress(bytes);
      });
      break;
    } catch (error) {
      signal.throwIfAborted();
      const problem = error as DownloadProblem;
      if (problem === changedMeanwhile) {
        changes += 1;
        if (changes > limits.changes) throw lasting('The file at the host changes again and again.');
        received = await startOver(job);
        continue;
      }
      if (!problem.retry) throw problem;
      arrived += Math.max(0, received - before);
      if (received - before >= limits.progressBytes) failures = 0;
      failures += 1;
      const delay = limits.retryDelaysMs[failures - 1];
      if (delay === undefined || (arrived === 0 && failures >= limits.firstTries)) {
        throw lasting(`${problem.message} Pull it again later: it goes on where it stopped.`);
      }
      await pause(Math.max(delay, problem.retry.afterMs), signal);
      signal.throwIfAborted();
    }
  }
  await verify(job);
}

/** Thrown to begin anew: what has arrived is of another file than the host has now. */
const changedMeanwhile = passing('The file at the host is another one than before.');

async function startOver({ part, state, onProgress }: Job): Promise<number> {
  await rm(part, { force: true });
  Object.assign(state, { sha256: null, etag: null, totalBytes: null });
  onProgress(0);
  return 0;
}

/** One connection: from what is there to the end of the file. Resolves with the size. */
async function bringOnce(job: Job, from: number, onBytes: (received: number) => void): Promise<number> {
  const { source, state, host, limits, freeBytes } = job;
  if (state.sha256 !== null && from === state.totalBytes) return from;
  const stalled = new AbortController();
  const timer = setTimeout(
    () => stalled.abort(passing(`Nothing has arrived for ${Math.round(limits.stallMs / 1000)} seconds.`)),
    limits.stallMs,
  );
  const signal = AbortSignal.any([job.signal, stalled.signal]);
  try {
    const opened = await host.open(source, from, state.etag, signal);
    const start = checkIdentity(source, state, opened, from, limits);
    await job.saveState();
    if (start === opened.totalBytes) return start;
    await checkRoom(freeBytes, opened.totalBytes - start, limits);
    onBytes(start);
    const file = await open(job.part, start === 0 ? 'w' : 'r+').catch((error: unknown) => {
      throw problemOfDisk(error);
    });
    try {
      return await append(file, start, opened, {
        arrived: (received) => {
          timer.refresh();
          onBytes(received);
        },
        checkRoom: (received) => checkRoom(freeBytes, opened.totalBytes - received, limits),
      });
    } finally {
      await file.close();
    }
  } catch (error) {
    if (stalled.signal.aborted && !job.signal.aborted) throw stalled.signal.reason;
    throw error;
  } finally {
    clearTimeout(timer);
    stalled.abort();
  }
}

/**
 * Compares what the host has with what is wanted and what has arrived; notes it in `state`. Answers where the body begins.
 * Throws a DownloadProblem, `changedMeanwhile` among them.
 */
function checkIdentity(
  source: ModelSource,
  state: TransferState,
  opened: Opened,
  from: number,
  limits: TransferLimits,
): number {
  const { host, totalBytes } = opened;
  if (totalBytes > limits.fileBytes) throw lasting(`The file has ${gigabytes(totalBytes)}, more than is pulled.`);
  const other = `What ${host} has is not the file of the catalogue`;
  if (source.sizeBytes !== null && totalBytes !== source.sizeBytes) {
    throw lasting(`${other}: it has ${totalBytes} bytes, not ${source.sizeBytes}.`);
  }
  if (source.sha256 !== null && opened.sha256 !== null && opened.sha256 !== source.sha256) {
    throw lasting(`${other}: its checksum is another one.`);
  }
  const sha256 = source.sha256 ?? opened.sha256;
  if (sha256 === null) throw lasting(`${host} does not give the file's SHA-256, so what arrives could not be checked.`);
  const known = state.sha256 !== null || state.totalBytes !== null;
  if (known && from > 0 && (sha256 !== state.sha256 || totalBytes !== state.totalBytes)) throw changedMeanwhile;
  Object.assign(state, { sha256, totalBytes, etag: opened.sha256 === null ? opened.etag : null });
  if (opened.offset !== null) return opened.offset;
  // Nothing after what is there: it is whole, or of another file.
  if (from !== totalBytes) throw changedMeanwhile;
  return totalBytes;
}

async function checkRoom(freeBytes: Job['freeBytes'], needed: number, { reserveBytes }: TransferLimits): Promise<void> {
  const free = await freeBytes();
  if (free >= needed + reserveBytes) return;
  throw lasting(
    `The disk is too full: ${gigabytes(needed)} are still to come and ${gigabytes(free)} are free, of which ` +
      `${gigabytes(reserveBytes)} stay free. Make room, then pull it again: it goes on where it stopped.`,
  );
}

interface Watch {
  arrived: (received: number) => void;
  checkRoom: (received: number) => Promise<void>;
}

async function append(file: FileHandle, start: number, opened: Opened, watch: Watch): Promise<number> {
  const { totalBytes, host, body } = opened;
  let received = start;
  let checkAt = start + bytesBetweenDiskChecks;
  await file.truncate(start);
  const chunks = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await chunks.next().catch((error: unknown) => {
        throw problemOfConnection(error, host);
      });
      if (next.done) break;
      const chunk = next.value;
      if (received + chunk.length > totalBytes)
        throw lasting(`${host} sends more than the ${totalBytes} bytes it announced.`);
      if (received < magic.length && !startsLikeGguf(chunk, received)) {
        throw lasting(`What ${host} sends is no GGUF file.`);
      }
      await file.write(chunk, 0, chunk.length, received).catch((error: unknown) => {
        throw problemOfDisk(error);
      });
      received += chunk.length;
      watch.arrived(received);
      if (received >= checkAt) {
        checkAt = received + bytesBetweenDiskChecks;
        await watch.checkRoom(received);
      }
    }
  } finally {
    await chunks.return?.().catch(() => undefined);
  }
  if (received < totalBytes) throw passing(`${host} ended the connection ${totalBytes - received} bytes too early.`);
  await file.datasync();
  return received;
}

function startsLikeGguf(chunk: Uint8Array, at: number): boolean {
  const expected = magic.subarray(at, at + chunk.length);
  return expected.equals(chunk.subarray(0, expected.length));
}

/** The bytes on the disk, whichever connections brought them. What is wrong is removed. */
async function verify({ part, state, signal }: Job): Promise<void> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(part, { highWaterMark: 1 << 20, signal })) hash.update(chunk);
  const right = hash.digest('hex') === state.sha256;
  const { problem } = right ? await readGgufHeader([part]) : { problem: null };
  if (right && problem === null) return;
  await rm(part, { force: true });
  if (right) throw lasting(`The file arrived whole but cannot be used: ${problem}`);
  throw lasting('The checksum of what arrived is wrong, so it was removed. Pull it again to try from the beginning.');
}

export async function sizeOf(file: string): Promise<number> {
  const stats = await stat(file).catch(() => null);
  return stats?.size ?? 0;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

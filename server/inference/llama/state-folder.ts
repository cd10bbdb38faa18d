import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { isStateFile, sealStateFile } from './state-file.ts';

export interface StateFolderOptions {
  dir: string;
  /** What all files may take together; the one that is being written comes on top. */
  maxBytes: number;
  /** 32 bytes that tell the model and the settings that a state depends on. */
  fingerprint: Buffer;
  /** Tokens that a sequence holds. */
  mostTokens: number;
}

/** States of conversations as files, the least recently used one removed first. */
export interface StateFolder {
  /**
   * Has `write` write the state of `tokens` tokens to a file and keeps that under the key; one that was there is
   * replaced. A state that does not fit the budget is not kept. Throws where the disk refuses; then nothing is left.
   */
  save(key: string, tokens: number, write: (file: string) => Promise<unknown>): Promise<void>;
  /**
   * Lets `read` read the file of the key; false where there is none that can be used. What is damaged or was left by
   * other settings is removed, and so is a file that `read` fails on or dies of.
   */
  load(key: string, read: (file: string) => Promise<unknown>): Promise<boolean>;
  /** Removes the states of the key, of whatever model. */
  remove(key: string): void;
}

/** The key of the state that all conversations begin with: it is not counted, and stays. */
export const sharedKey = 'shared';

/** Of a kind of its own, so that no conversation can be named like something that is shared. */
export function conversationKey(conversation: string): string {
  return `conversation ${conversation}`;
}

const suffix = '.state';
const temporarySuffix = '.part';
/** The name while it is read: one that is found at a start has killed its reader. */
const readingSuffix = '.reading';
const keyLength = 32;

/** Opens the folder for one model, and removes what another process left half done. It is made when it is needed. */
export function openStateFolder({ dir, maxBytes, fingerprint, mostTokens }: StateFolderOptions): StateFolder {
  for (const { file } of statesIn(dir)) if (!file.endsWith(suffix)) remove(file);
  const edition = fingerprint.toString('hex').slice(0, 16);
  const fileOf = (key: string) => path.join(dir, `${hashOf(key)}-${edition}${suffix}`);
  const shared = fileOf(sharedKey);
  let written = 0;

  function makeRoom(bytes: number, besides: string): void {
    const files = statesIn(dir).filter(({ file }) => file.endsWith(suffix) && file !== besides && file !== shared);
    let total = bytes + files.reduce((sum, { size }) => sum + size, 0);
    for (const { file, size } of files.sort((a, b) => a.usedAt - b.usedAt)) {
      if (total <= maxBytes) return;
      remove(file);
      total -= size;
    }
  }

  return {
    async save(key, tokens, write) {
      const file = fileOf(key);
      const temporary = `${file}.${process.pid}.${++written}${temporarySuffix}`;
      try {
        mkdirSync(dir, { recursive: true, mode: 0o700 });
        chmodSync(dir, 0o700);
        await write(temporary);
        chmodSync(temporary, 0o600);
        await sealStateFile(temporary, tokens, fingerprint);
        const { size } = statSync(temporary);
        if (file !== shared) {
          if (size > maxBytes) return remove(file);
          makeRoom(size, file);
        }
        renameSync(temporary, file);
      } finally {
        remove(temporary);
      }
    },

    async load(key, read) {
      const file = fileOf(key);
      const reading = `${file}${readingSuffix}`;
      if (statSync(file, { throwIfNoEntry: false }) === undefined) return false;
      try {
        renameSync(file, reading);
        if (!(await isStateFile(reading, mostTokens, fingerprint))) return false;
        await read(reading);
        const now = new Date();
        utimesSync(reading, now, now);
        renameSync(reading, file);
        return true;
      } finally {
        remove(reading);
      }
    },

    remove: (key) => removeStates(dir, key),
  };
}

/** Removes every state of the key, of whatever model; a folder that is not there has none. */
export function removeStates(dir: string, key: string): void {
  for (const { file, name } of statesIn(dir)) if (name.startsWith(`${hashOf(key)}-`)) remove(file);
}

/** Keys name conversations; names of files tell nothing about them. */
function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, keyLength);
}

function statesIn(dir: string): { file: string; name: string; size: number; usedAt: number }[] {
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const file = path.join(dir, name);
    const stats = name.includes(suffix) ? statSync(file, { throwIfNoEntry: false }) : undefined;
    return stats === undefined ? [] : [{ file, name, size: stats.size, usedAt: stats.mtimeMs }];
  });
}

function remove(file: string): void {
  rmSync(file, { force: true });
}

import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * Waits until no other process holds the lock of this checkout, holds it, and returns what lets go of it. The lock is a
 * listening local socket: the kernel ends it with its process, however that dies, and those who wait see it end.
 */
export async function holdLock(root) {
  const address = lockAddress(root);
  for (;;) {
    const release = await listen(address);
    if (release !== null) return release;
    const wasHeld = await waitForEnd(address);
    // Only a socket that is a file outlives its process.
    if (!wasHeld && path.isAbsolute(address)) rmSync(address, { force: true });
  }
}

function lockAddress(root) {
  const name = `pocketllm-portal-${createHash('sha256').update(root).digest('hex').slice(0, 16)}`;
  if (process.platform === 'linux') return `\0${name}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  return path.join(tmpdir(), `${name}.sock`);
}

/** Begins to hold the address: resolves with what lets go of it, or with null where another process has it. */
function listen(address) {
  return new Promise((resolve, reject) => {
    const waiting = new Set();
    const server = createServer((socket) => {
      waiting.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => waiting.delete(socket));
    });
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(null) : reject(error)));
    server.listen(address, () =>
      resolve(() => {
        server.close();
        for (const socket of waiting) socket.destroy();
      }),
    );
  });
}

/** Resolves when the holder has let go; false where there was none. */
function waitForEnd(address) {
  return new Promise((resolve) => {
    let connected = false;
    const socket = connect(address, () => {
      connected = true;
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve(connected));
    socket.resume();
  });
}

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export type Answering = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export interface TestHost {
  url: string;
  /** Every request that came, as `method path range`. */
  requests: { path: string; range: string | undefined; ifRange: string | undefined }[];
  /** What answers from now on. */
  answer: Answering;
  /** Nothing listens there any more; what is open breaks off. */
  close(): Promise<void>;
}

/** An HTTP server on a free port, closed when the test ends. */
export async function startHost(answer: Answering): Promise<TestHost> {
  const host: TestHost = { url: '', requests: [], answer, close };
  const server = createServer((request, response) => {
    const { range, 'if-range': ifRange } = request.headers;
    host.requests.push({ path: request.url ?? '', range, ifRange: ifRange as string | undefined });
    Promise.resolve(host.answer(request, response)).catch(() => response.destroy());
  });
  async function close(): Promise<void> {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  host.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(close);
  return host;
}

export interface ServedFile {
  bytes: Buffer;
  /** What the host says of it, where that is not the truth; null: it says nothing. */
  sha256?: string | null;
  linkedSize?: number | null;
  etag?: string | null;
  headers?: Record<string, string>;
}

/** Answers as Hugging Face does for a large file, ranges included; `send` writes the body. */
export function serve(
  file: ServedFile,
  send: (response: ServerResponse, body: Buffer) => void | Promise<void> = (response, body) => void response.end(body),
): Answering {
  return async (request, response) => {
    const { bytes } = file;
    const sha256 = file.sha256 === undefined ? sha256Of(bytes) : file.sha256;
    const linkedSize = file.linkedSize === undefined ? bytes.length : file.linkedSize;
    if (sha256 !== null) response.setHeader('x-linked-etag', `"${sha256}"`);
    if (linkedSize !== null) response.setHeader('x-linked-size', linkedSize);
    if (file.etag != null) response.setHeader('etag', file.etag);
    for (const [name, value] of Object.entries(file.headers ?? {})) response.setHeader(name, value);
    const unchanged = request.headers['if-range'] === undefined || request.headers['if-range'] === file.etag;
    const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
    const start = from === undefined || !unchanged ? 0 : Number(from);
    if (start >= bytes.length) {
      response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
      return;
    }
    if (start > 0) {
      response.writeHead(206, {
        'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}`,
        'content-length': bytes.length - start,
      });
    } else {
      response.writeHead(200, { 'content-length': bytes.length });
    }
    await send(response, bytes.subarray(start));
  };
}

/**
 * Writes so many bytes, then ends the connection in the middle of the answer, no sooner than `arrived` says: what is on its
 * way then may be lost.
 */
export function breakAfter(
  bytes: number,
  arrived: (response: ServerResponse) => Promise<void> = async () => {},
): (response: ServerResponse, body: Buffer) => Promise<void> {
  return async (response, body) => {
    await new Promise<void>((resolve) => response.write(body.subarray(0, bytes), () => resolve()));
    await arrived(response);
    response.socket?.end();
  };
}

/** Writes so many bytes, then keeps the connection open and silent. */
export function silentAfter(bytes: number): (response: ServerResponse, body: Buffer) => void {
  return (response, body) => void response.write(body.subarray(0, bytes));
}

export function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

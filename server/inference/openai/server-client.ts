import { Agent, type Dispatcher, request } from 'undici';
import type { ServerTimeouts } from '../../config.ts';
import type { ServerConfig } from '../../config-servers.ts';
import { errorOfAnswer } from './error-answer.ts';
import { readEvents } from './event-lines.ts';
import { ServerError } from './server-error.ts';

/**
 * Speaks HTTP with one server and no other: its key goes to its own address alone, and a redirect is an error. Everything rejects with a
 * ServerError, or with the signal's reason where that aborts, which closes the connection at once.
 */
export interface ServerClient {
  /** `path` follows the base address: `/chat/completions`. */
  get(path: string, signal: AbortSignal, withinMs?: number): Promise<unknown>;
  post(path: string, body: unknown, signal: AbortSignal, withinMs?: number): Promise<unknown>;
  /** Of the server's own protocol, beside `/v1`: `/api/tags`; null where the base address does not end with `/v1`. */
  native: Pick<ServerClient, 'get' | 'post'> | null;
  /** The `data` of the answer's events; the silence before and between them is the caller's to bound. */
  stream(path: string, body: unknown, signal: AbortSignal): AsyncGenerator<string, void>;
  close(): Promise<void>;
}

/** Answers that are read whole: lists, counts, vectors. */
const longestAnswer = 64 << 20;
const longestErrorAnswer = 64 << 10;

export function createServerClient(
  { name, baseUrl, apiKey }: Pick<ServerConfig, 'name' | 'baseUrl' | 'apiKey'>,
  { connectMs, answerMs }: Pick<ServerTimeouts, 'connectMs' | 'answerMs'>,
): ServerClient {
  // How long a silence may be differs from question to question, so who asks watches that.
  const agent = new Agent({ connect: { timeout: connectMs }, headersTimeout: 0, bodyTimeout: 0 });

  async function ask(method: 'GET' | 'POST', url: string, body: unknown, signal: AbortSignal) {
    const headers: Record<string, string> = { accept: 'application/json, text/event-stream' };
    if (apiKey !== null) headers.authorization = `Bearer ${apiKey}`;
    if (body !== undefined) headers['content-type'] = 'application/json';
    const text = body === undefined ? null : JSON.stringify(body);
    const answer = await request(url, { method, headers, body: text, signal, dispatcher: agent });
    if (answer.statusCode >= 200 && answer.statusCode < 300) return answer;
    const { statusCode: status } = answer;
    const retryAfter = answer.headers['retry-after'];
    throw errorOfAnswer(name, {
      status,
      retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
      body: await readText(answer, longestErrorAnswer).catch(() => ''),
    });
  }

  /** An answer that is read whole, in time. */
  async function askWhole(
    method: 'GET' | 'POST',
    url: string,
    body: unknown,
    signal: AbortSignal,
    withinMs = answerMs,
  ): Promise<unknown> {
    const late = AbortSignal.timeout(withinMs);
    try {
      const answer = await ask(method, url, body, AbortSignal.any([signal, late]));
      return JSON.parse(await readText(answer, longestAnswer));
    } catch (error) {
      if (late.aborted && !signal.aborted) throw tooLate(name, withinMs);
      throw explain(error, signal);
    }
  }

  /** What the network or the parser threw, as an error for people; the signal's reason where that aborted. */
  function explain(error: unknown, signal: AbortSignal): unknown {
    if (signal.aborted) return signal.reason;
    if (error instanceof ServerError) return error;
    if (error instanceof SyntaxError) {
      return new ServerError('unavailable', `The server ${name} answers with something else than JSON.`, {
        broken: true,
      });
    }
    const { code } = error as NodeJS.ErrnoException;
    return new ServerError('unavailable', `The server ${name} cannot be reached (${code ?? 'no connection'}).`, {
      broken: true,
      retryAfterMs: 500,
    });
  }

  const root = /\/v1$/.test(baseUrl) ? baseUrl.slice(0, -'/v1'.length) : null;
  const at = (address: string): Pick<ServerClient, 'get' | 'post'> => ({
    get: (path, signal, withinMs) => askWhole('GET', address + path, undefined, signal, withinMs),
    post: (path, body, signal, withinMs) => askWhole('POST', address + path, body, signal, withinMs),
  });

  return {
    ...at(baseUrl),
    native: root === null ? null : at(root),
    async *stream(path, body, signal) {
      try {
        const answer = await ask('POST', baseUrl + path, body, signal);
        if (!String(answer.headers['content-type']).startsWith('text/event-stream')) {
          await answer.body.dump({ limit: longestErrorAnswer, signal });
          throw new ServerError('unavailable', `The server ${name} does not answer with a stream of events.`, {
            broken: true,
          });
        }
        yield* readEvents(name, answer.body);
      } catch (error) {
        throw explain(error, signal);
      }
    },
    close: () => agent.destroy(),
  };
}

export function tooLate(server: string, ms: number): ServerError {
  return new ServerError('timeout', `The server ${server} gave no answer for ${ms / 1000} seconds.`, { broken: true });
}

/** The whole body; throws where it is longer than `most` bytes. */
async function readText({ body }: Dispatcher.ResponseData, most: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > most) throw new RangeError('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

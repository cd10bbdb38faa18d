import type { ServerTimeouts } from '../../config.ts';
import type { EngineEvent, EngineUsage } from '../engine.ts';
import { type CompletionChunk, readChunk } from './completion-chunk.ts';
import { type ServerClient, tooLate } from './server-client.ts';
import { ServerError } from './server-error.ts';
import { createTextMender } from './text-mender.ts';

export interface ReplyOptions {
  /** Its name, for people. */
  server: string;
  client: Pick<ServerClient, 'stream'>;
  /** Of `POST /chat/completions`. */
  body: Record<string, unknown>;
  /** About; the server says more exactly once it has answered. */
  promptTokens: number;
  maxTokens: number;
  timeouts: Pick<ServerTimeouts, 'firstTokenMs' | 'nextTokenMs'>;
}

/** For the usage, which follows the last text, and for the end of the connection after that. */
const lastWordsMs = 2_000;
const goodbyeMs = 100;
/** UTF-16 units; no vocabulary has tokens that are longer on average. A server that sends more does not heed `max_tokens`. */
const longestToken = 64;

/**
 * Asks once and yields the events of the answer, `end` last, which is `cancelled` where the signal aborts. Throws a ServerError where there
 * is no end, also where the connection ends before the answer does, and the reason of `life` where that aborts. A server that counts
 * nothing is taken to send a token an event.
 */
export async function* readReply(
  options: ReplyOptions,
  signal: AbortSignal,
  life: AbortSignal,
): AsyncGenerator<EngineEvent, void> {
  const { server, client, body, timeouts, maxTokens } = options;
  const started = performance.now();
  const silence = createSilence(server);
  const mender = createTextMender();
  const usage: EngineUsage = {
    promptTokens: options.promptTokens,
    reusedTokens: 0,
    completionTokens: 0,
    timeToFirstTokenMs: null,
    tokensPerSecond: null,
  };
  let finishReason: CompletionChunk['finishReason'] = null;
  let [answered, read, units, lastTokenAt] = [false, false, 0, started];
  let patienceMs = timeouts.firstTokenMs;

  try {
    silence.expect(patienceMs);
    for await (const data of client.stream(
      '/chat/completions',
      body,
      AbortSignal.any([signal, life, silence.signal]),
    )) {
      silence.end();
      if (data === '[DONE]') {
        finishReason ??= 'stop';
        silence.expect(goodbyeMs);
        continue;
      }
      const chunk = readChunk(server, data);
      // What the server says of its progress is more exact than an estimate.
      if (chunk.progress !== null) usage.promptTokens = chunk.progress.total;
      else if (!answered) yield { type: 'prefill', done: 0, total: usage.promptTokens, reused: 0 };
      answered = true;
      if (chunk.progress !== null) yield { type: 'prefill', ...chunk.progress };
      if (chunk.text || chunk.thinks) {
        patienceMs = timeouts.nextTokenMs;
        usage.completionTokens++;
        lastTokenAt = performance.now();
        usage.timeToFirstTokenMs ??= lastTokenAt - started;
        if (!read) yield { type: 'prefill', done: usage.promptTokens, total: usage.promptTokens, reused: 0 };
        read = true;
      }
      if (chunk.text) {
        const text = mender.push(chunk.text);
        units += text.length;
        yield { type: 'text', text, tokenIds: [], tokens: 1 };
      } else if (chunk.thinks) {
        yield { type: 'text', text: '', tokenIds: [], tokens: 1 };
      }
      if (units > maxTokens * longestToken) {
        throw new ServerError('unavailable', `The server ${server} sends more than was asked for.`, { broken: true });
      }
      if (chunk.usage !== null) Object.assign(usage, chunk.usage);
      finishReason ??= chunk.finishReason;
      silence.expect(finishReason === null ? patienceMs : lastWordsMs);
    }
  } catch (error) {
    if (signal.aborted) return yield { type: 'end', finishReason: 'cancelled', usage };
    // Without, everything was said but goodbye.
    if (life.aborted || finishReason === null) throw explain(server, error, read);
  } finally {
    silence.end();
  }
  if (finishReason === null) throw brokeOff(server);
  const rest = mender.rest();
  if (rest !== '') yield { type: 'text', text: rest, tokenIds: [], tokens: 0 };
  const seconds = (lastTokenAt - started - (usage.timeToFirstTokenMs ?? 0)) / 1000;
  if (seconds > 0) usage.tokensPerSecond = (usage.completionTokens - 1) / seconds;
  yield { type: 'end', finishReason, usage };
}

/** Aborts where nothing comes within the time that is expected. */
function createSilence(server: string) {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  return {
    signal: controller.signal,
    expect(ms: number) {
      clearTimeout(timer);
      timer = setTimeout(() => controller.abort(tooLate(server, ms)), ms);
    },
    /** Also while the reader is at it, whose time is not the server's. */
    end: () => clearTimeout(timer),
  };
}

function explain(server: string, error: unknown, begun: boolean): unknown {
  const dropped = error instanceof ServerError && error.code === 'unavailable' && error.retryAfterMs !== null;
  return begun && dropped ? brokeOff(server) : error;
}

function brokeOff(server: string): ServerError {
  return new ServerError('unavailable', `The server ${server} broke off in the middle of the answer.`, {
    broken: true,
  });
}

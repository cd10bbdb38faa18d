import { ServerError } from './server-error.ts';

/** What an answer that is no success says of itself. */
interface ErrorAnswer {
  status: number;
  /** Of the header `retry-after`. */
  retryAfter: string | undefined;
  /** The body's first bytes; looked at, never repeated. */
  body: string;
}

/** Where a server names no time. */
const retryAfterMs = 500;
const retryWhenBusyMs = 2_000;
/** Servers say it in many ways: OpenAI, vLLM, llama-server, Ollama, this portal. */
const tooLong =
  /context[ _-]?(length|size|window)|maximum context|exceed_context|too (long|many tokens)|tokens; the model can hold/i;

/** As llama-server, all others and this portal name them; no other number means anything here. */
const countsOfTokens = /(?<="n_(?:prompt_tokens|ctx)": ?)\d{2,7}|\b\d{2,7}(?= tokens)|(?<=can hold )\d{2,7}/g;

/** The error of an answer whose status is no success. */
export function errorOfAnswer(server: string, { status, retryAfter, body }: ErrorAnswer): ServerError {
  const refused = (message: string) => new ServerError('unavailable', message, { status });
  if (status >= 300 && status < 400) {
    return refused(
      `The server ${server} answers with a redirect (${status}), which is not followed: set its final address.`,
    );
  }
  switch (status) {
    case 401:
    case 403:
      return refused(`The server ${server} refuses our key (${status}).`);
    case 404:
      return refused(`The server ${server} does not know this model or address (404).`);
    case 429:
      return new ServerError('overloaded', `The server ${server} has too many requests (429); try again later.`, {
        status,
        retryAfterMs: parseRetryAfter(retryAfter) ?? retryWhenBusyMs,
      });
    case 408:
    case 504:
      return new ServerError('timeout', `The server ${server} gave no answer in time (${status}).`, {
        status,
        broken: true,
        retryAfterMs,
      });
  }
  if (status >= 500) {
    return new ServerError('unavailable', `The server ${server} failed (${status}).`, {
      status,
      broken: true,
      retryAfterMs: parseRetryAfter(retryAfter) ?? (status === 503 ? retryWhenBusyMs : retryAfterMs),
    });
  }
  if (status === 413 || ([400, 422].includes(status) && tooLong.test(body))) return tooLongError(server, body, status);
  return refused(`The server ${server} refuses the request (${status}).`);
}

/** The error that an event of a stream tells, or a success that is none. */
export function errorOfEvent(server: string, body: string): ServerError {
  if (tooLong.test(body)) return tooLongError(server, body, null);
  return new ServerError('unavailable', `The server ${server} failed in the middle of the answer.`, { broken: true });
}

/** With the numbers, where there are some: digits repeat nothing of what was said. */
function tooLongError(server: string, body: string, status: number | null): ServerError {
  const numbers = [...body.matchAll(countsOfTokens)].map(([digits]) => Number(digits));
  const [most, asked] = [Math.min(...numbers), Math.max(...numbers)];
  const detail = numbers.length >= 2 && asked > most ? `: it has ${asked} tokens, and the server holds ${most}` : '';
  return new ServerError('prompt_too_long', `The conversation is too long for the model at ${server}${detail}.`, {
    status,
  });
}

/** Seconds, or a date (RFC 9110, 10.2.3); null where it is neither. */
export function parseRetryAfter(value: string | undefined, now = Date.now()): number | null {
  if (value === undefined || value.trim() === '') return null;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}

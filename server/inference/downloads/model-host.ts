import { downloadLimits } from '../downloads.ts';
import { lasting, passing, problemOfConnection } from './download-problem.ts';
import type { ModelSource } from './model-source.ts';

/** Where models come from: Hugging Face's addresses and headers, at huggingface.co or a mirror of it. */
export interface ModelHost {
  /**
   * Asks for the file from byte `from` on; `etag` makes the host send all of it where it is not that file any more. Rejects
   * with a DownloadProblem.
   */
  open(source: ModelSource, from: number, etag: string | null, signal: AbortSignal): Promise<Opened>;
}

export interface Opened {
  /** Where the body begins: `from`, or 0 where the host sends all of it; null: there is nothing after `from`. */
  offset: number | null;
  totalBytes: number;
  /** What the host says the file's SHA-256 is. */
  sha256: string | null;
  /** A strong validator (RFC 9110, 8.8.3). */
  etag: string | null;
  host: string;
  body: AsyncIterable<Uint8Array>;
}

interface Options {
  /** Scheme, host and port of huggingface.co or a mirror. */
  endpoint: string;
  /** Further hosts that it may send us to, by https. */
  hosts: readonly string[];
}

/** The hosts that Hugging Face serves files from: it names these two domains for firewalls, and moves files among them. */
const hubDomains = ['huggingface.co', 'hf.co'];

export function createModelHost({ endpoint, hosts }: Options): ModelHost {
  const { origin } = new URL(endpoint);

  /** Only the configured origin may be without TLS or have a port of its own. */
  function isAllowed(url: URL): boolean {
    if (url.username !== '' || url.password !== '') return false;
    if (url.origin === origin) return true;
    if (url.protocol !== 'https:') return false;
    return (
      hosts.includes(url.host) ||
      (url.port === '' && hubDomains.some((domain) => url.hostname === domain || url.hostname.endsWith(`.${domain}`)))
    );
  }

  return {
    async open({ repository, revision, file }, from, etag, signal) {
      let url = new URL(`/${repository}/resolve/${revision}/${file}`, origin);
      let sha256: string | null = null;
      let linkedSize: number | null = null;
      for (let hop = 0; hop <= downloadLimits.redirects; hop++) {
        if (!isAllowed(url)) {
          throw lasting(
            `The download leads to ${url.host}, which is not a host that models may come from (MODEL_HOSTS).`,
          );
        }
        const response = await ask(url, from, etag, signal);
        sha256 ??= checksumIn(response.headers);
        linkedSize ??= numberIn(response.headers.get('x-linked-size'));
        const location = response.headers.get('location');
        if (response.status < 300 || response.status >= 400 || location === null) {
          try {
            return read(response, { from, sha256, linkedSize, host: url.host });
          } catch (error) {
            await response.body?.cancel();
            throw error;
          }
        }
        await response.body?.cancel();
        if (!URL.canParse(location, url)) throw lasting(`${url.host} answered with a broken redirect.`);
        url = new URL(location, url);
      }
      throw lasting(`${origin} redirects more than ${downloadLimits.redirects} times.`);
    },
  };
}

async function ask(url: URL, from: number, etag: string | null, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, {
      redirect: 'manual',
      signal,
      headers: {
        'user-agent': 'pocketllm-portal',
        // Compressed, the sizes and ranges would be those of something else.
        'accept-encoding': 'identity',
        ...(from > 0 && { range: `bytes=${from}-` }),
        ...(from > 0 && etag !== null && { 'if-range': etag }),
      },
    });
  } catch (error) {
    throw problemOfConnection(error, url.host);
  }
}

interface Asked {
  from: number;
  sha256: string | null;
  linkedSize: number | null;
  host: string;
}

/** The answer to a request for a file, or part of it (RFC 9110, 14 and 15). Throws a DownloadProblem. */
function read(response: Response, { from, sha256, linkedSize, host }: Asked): Opened {
  const { status, headers } = response;
  refuseByStatus(status, headers, host);
  const [, first, past] = /^bytes (?:(\d+)-\d+|\*)\/(\d+)$/.exec(headers.get('content-range') ?? '') ?? [];
  const length = numberIn(headers.get('content-length'));
  const said = status === 200 ? length : numberIn(past ?? null);
  const totalBytes = said ?? linkedSize;
  if (totalBytes === null || totalBytes === 0) throw lasting(`${host} does not say how large the file is.`);
  if (linkedSize !== null && linkedSize !== totalBytes) {
    throw lasting(`${host} gives two sizes for the file: ${linkedSize} and ${totalBytes} bytes.`);
  }
  const etag = headers.get('etag');
  const opened = {
    totalBytes,
    sha256,
    etag: etag !== null && /^"[^"]*"$/.test(etag) ? etag : null,
    host,
    body: response.body ?? new ReadableStream<Uint8Array>(),
  };
  if (status === 416) return { ...opened, offset: null };
  const type = headers.get('content-type') ?? '';
  if (/^text\/|^application\/(json|xhtml)/i.test(type)) {
    throw lasting(`${host} answered with a page (${type}) rather than a model.`);
  }
  const encoding = headers.get('content-encoding') ?? 'identity';
  if (encoding !== 'identity') throw lasting(`${host} sends the file as ${encoding}, which cannot be taken up again.`);
  if (status === 200) return { ...opened, offset: 0 };
  if (Number(first) !== from) throw passing(`${host} sent another part of the file than was asked for.`);
  return { ...opened, offset: from };
}

function refuseByStatus(status: number, headers: Headers, host: string): void {
  if (status === 200 || status === 206 || status === 416) return;
  if (status === 401 || status === 403) {
    throw lasting(
      `${host} does not give this file to everybody (${status}). Its licence may have to be accepted there first: ` +
        'download it in a browser and put it into the models folder.',
    );
  }
  if (status === 404 || status === 410) throw lasting(`${host} has no such file.`);
  if (status === 408 || status === 429 || status >= 500) {
    const seconds = numberIn(headers.get('retry-after')) ?? 0;
    throw passing(`${host} is busy or out of order (${status}).`, Math.min(seconds, 120) * 1000);
  }
  throw lasting(`${host} answered with status ${status}.`);
}

/** Hugging Face gives the SHA-256 of a large file as the ETag of what it links to. */
function checksumIn(headers: Headers): string | null {
  return /^(?:W\/)?"?([0-9a-f]{64})"?$/i.exec(headers.get('x-linked-etag') ?? '')?.[1]?.toLowerCase() ?? null;
}

function numberIn(text: string | null): number | null {
  const value = text !== null && /^\d{1,15}$/.test(text.trim()) ? Number(text) : null;
  return value;
}

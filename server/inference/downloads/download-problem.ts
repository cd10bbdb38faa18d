/** Why a download stopped, in words for whoever asked for it. */
export class DownloadProblem extends Error {
  override readonly name = 'DownloadProblem';

  constructor(
    message: string,
    /** Whether the same try a little later may go well; then perhaps not before so many milliseconds. */
    readonly retry: false | { afterMs: number },
  ) {
    super(message);
  }
}

/** No try by itself will mend it. */
export function lasting(message: string): DownloadProblem {
  return new DownloadProblem(message, false);
}

/** The next try may go well. */
export function passing(message: string, afterMs = 0): DownloadProblem {
  return new DownloadProblem(message, { afterMs });
}

const unreachable = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** What `fetch`, or reading what it brings, threw. */
export function problemOfConnection(error: unknown, host: string): DownloadProblem {
  if (error instanceof DownloadProblem) return error;
  const code = codeOf(error);
  if (code !== null && unreachable.has(code)) {
    return passing(`${host} cannot be reached (${code}): is this machine connected to the internet?`);
  }
  if (code !== null && /CERT|SIGNATURE|SSL|TLS/.test(code)) {
    return lasting(`The certificate of ${host} is not one that this machine trusts (${code}).`);
  }
  return passing(`The connection to ${host} broke off${code === null ? '' : ` (${code})`}.`);
}

/** What writing to the disk threw. */
export function problemOfDisk(error: unknown): DownloadProblem {
  const code = codeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') return lasting('The disk is full: make room, then pull it again.');
  return lasting(`It could not be written to the disk (${code ?? String(error)}).`);
}

/** The code of an error, or of what caused it. */
function codeOf(error: unknown): string | null {
  for (let current = error; current instanceof Error; current = current.cause) {
    if ('code' in current && typeof current.code === 'string') return current.code;
  }
  return null;
}

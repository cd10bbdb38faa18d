import { EngineError, type EngineErrorCode } from '../engine.ts';

/**
 * What went wrong with a server, in words for people that repeat nothing of what the server or a user said: a server may quote a
 * conversation in its errors, and an EngineError goes into the log.
 */
export class ServerError extends EngineError {
  /** The server is to blame, not the request: enough of these in a row, and it is left alone for a while. */
  readonly broken: boolean;
  /** Asking once more may help, after so long; null where it would not. */
  readonly retryAfterMs: number | null;
  /** HTTP status, where it answered. */
  readonly status: number | null;

  constructor(
    code: EngineErrorCode,
    message: string,
    {
      broken = false,
      retryAfterMs = null,
      status = null,
    }: Partial<Pick<ServerError, 'broken' | 'retryAfterMs' | 'status'>> = {},
  ) {
    super(code, message);
    this.broken = broken;
    this.retryAfterMs = retryAfterMs;
    this.status = status;
  }
}

/** The closed list of expected errors. `server/http/errors.ts` turns each into its status. */
export const errorCodes = [
  'invalid_input',
  'unauthenticated',
  'forbidden',
  'not_found',
  'conflict',
  'nothing_to_resume',
  'not_rateable',
  'method_not_allowed',
  'unsupported_media_type',
  'payload_too_large',
  'rate_limited',
  'model_unavailable',
  'dependency_unavailable',
  'overloaded',
  'timeout',
  'internal',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** One bad field of an input: where it stands (`input.title`) and what is wrong with it. */
export interface FieldError {
  path: string;
  message: string;
}

export interface ErrorDetails {
  /** Every field that is wrong. */
  errors?: FieldError[];
  retryAfterSeconds?: number;
  /** Of `rate_limited`: how many were allowed. */
  limit?: number;
  /** The reply that failed: it stays, with its text so far. */
  messageId?: string;
  cause?: unknown;
}

/**
 * The one kind of error that is expected: its message is written for the person who reads it. Everything else that is
 * thrown is a defect, masked at the edge and logged.
 */
export class PortalError extends Error {
  override readonly name = 'PortalError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: ErrorDetails = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
  }
}

import { GraphQLError } from 'graphql';
import { type ErrorCode, PortalError } from '../errors.ts';
import { isDatabaseUnavailable } from '../stores/database-errors.ts';

/** The one table from code to status, for every surface. */
export const statusOf: Record<ErrorCode, number> = {
  invalid_input: 422,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  nothing_to_resume: 409,
  not_rateable: 422,
  method_not_allowed: 405,
  unsupported_media_type: 415,
  payload_too_large: 413,
  rate_limited: 429,
  model_unavailable: 503,
  dependency_unavailable: 503,
  overloaded: 503,
  timeout: 504,
  internal: 500,
};

const titles: Record<ErrorCode, string> = {
  invalid_input: 'The input is not acceptable',
  unauthenticated: 'Sign in first',
  forbidden: 'Not allowed',
  not_found: 'Not found',
  conflict: 'The state does not allow it',
  nothing_to_resume: 'Nothing to resume',
  not_rateable: 'Not rateable',
  method_not_allowed: 'Method not allowed',
  unsupported_media_type: 'Unsupported media type',
  payload_too_large: 'Too large',
  rate_limited: 'Too many requests',
  model_unavailable: 'No model can answer',
  dependency_unavailable: 'The database cannot be reached',
  overloaded: 'The queue is full',
  timeout: 'No answer in time',
  internal: 'Something went wrong',
};

/** Whatever was thrown, as an expected error: what nobody expected says the request's id and nothing else. */
export function toPortalError(error: unknown, requestId: string): PortalError {
  if (error instanceof PortalError) return error;
  if (isDatabaseUnavailable(error)) {
    return new PortalError('dependency_unavailable', 'The database cannot be reached; try again in a moment.', {
      retryAfterSeconds: 5,
      cause: error,
    });
  }
  return new PortalError('internal', `Something went wrong. The log has the details under request ${requestId}.`, {
    cause: error,
  });
}

/** The body of an error answer outside of GraphQL (RFC 9457). */
export function toProblem(error: PortalError, requestId: string, status = statusOf[error.code]) {
  return {
    type: 'about:blank',
    title: titles[error.code],
    status,
    code: error.code,
    detail: error.message,
    request_id: requestId,
    ...(error.details.errors && { errors: error.details.errors }),
    ...(error.details.messageId && { message_id: error.details.messageId }),
  };
}

/** The same error in GraphQL's form: the code upper-cased in `extensions`. */
export function toGraphQLError(error: PortalError, requestId: string): GraphQLError {
  return new GraphQLError(error.message, {
    originalError: error,
    extensions: {
      code: error.code.toUpperCase(),
      requestId,
      ...(error.details.errors && { errors: error.details.errors }),
    },
  });
}

/** OpenAI's words for the codes that its clients look for; to bad input it says 400. */
const openAiWords: Partial<Record<ErrorCode, { type: string; code: string; status: number }>> = {
  invalid_input: { type: 'invalid_request_error', code: 'invalid_value', status: 400 },
  unauthenticated: { type: 'invalid_request_error', code: 'invalid_api_key', status: 401 },
  not_found: { type: 'invalid_request_error', code: 'not_found', status: 404 },
  rate_limited: { type: 'requests', code: 'rate_limit_exceeded', status: 429 },
};

/** The same error in the form of OpenAI's API, for `/v1`. */
export function toOpenAiError(error: PortalError) {
  const status = statusOf[error.code];
  const type = status < 500 ? 'invalid_request_error' : 'server_error';
  const words = openAiWords[error.code] ?? { type, code: error.code, status };
  const param = error.details.errors?.[0]?.path ?? null;
  return {
    status: words.status,
    body: { error: { message: error.message, type: words.type, param, code: words.code } },
  };
}

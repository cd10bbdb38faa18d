import { type ErrorCode, errorCodes, PortalError } from '../errors.ts';
import type { Message, Reply } from '../stores/prisma/client.ts';

/** Why a reply failed, as an error with its code; one that failed elsewhere is `internal`. */
export function failureOf(message: Message, reply: Reply | null): PortalError {
  const code = errorCodes.find((known): known is ErrorCode => known === reply?.errorCode) ?? 'internal';
  return new PortalError(code, message.errorMessage ?? 'The answer failed.', { messageId: message.id });
}

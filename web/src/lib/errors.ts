import type { CombinedError } from 'urql';

/** What went wrong, in words for the person who reads them; `code` is one of the server's closed list, or `UNREACHABLE`. */
export interface Problem {
  code: string;
  message: string;
}

const masked = new Set(['INTERNAL', 'INTERNAL_SERVER_ERROR']);

export function problemOf(error: CombinedError): Problem {
  const first = error.graphQLErrors[0];
  if (first === undefined) return { code: 'UNREACHABLE', message: 'The portal cannot be reached.' };
  const code = typeof first.extensions.code === 'string' ? first.extensions.code : 'INTERNAL';
  if (!masked.has(code)) return { code, message: first.message };
  const requestId = first.extensions.requestId;
  const reference = typeof requestId === 'string' ? ` The log has more under ${requestId}.` : '';
  return { code, message: `Something went wrong in the portal.${reference}` };
}

import { z } from 'zod';
import { type ErrorCode, errorCodes } from '../errors.ts';
import { statusOf } from '../http/errors.ts';

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(errorCodes),
    detail: z.string(),
    request_id: z.string().meta({ description: 'The log says more under it.' }),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .meta({ description: 'Every field that is wrong.' }),
    message_id: z.string().optional().meta({ description: 'The reply that failed; it keeps its text so far.' }),
  })
  .meta({ id: 'Problem', description: 'What went wrong (RFC 9457), with a code of the closed list.' });

const content = { 'application/problem+json': { schema: problem } };

/** The error answers of a route: those that are its own by their codes, any other by the same form. */
export function problems(...codes: ErrorCode[]) {
  const own: Record<number, { description: string; content: typeof content }> = {};
  for (const code of codes) {
    const description = own[statusOf[code]]?.description;
    own[statusOf[code]] = { description: description === undefined ? code : `${description}, ${code}`, content };
  }
  return { ...own, default: { description: 'Any other error', content } };
}

import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { count } from './words.ts';

/** What a list says of itself beside its items. */
export const pageHeaders = {
  'X-Total-Count': { description: 'Items on all pages together.', schema: count() },
  Link: { description: 'The first, previous, next and last page (RFC 8288).', schema: z.string() },
};

/** Adds `X-Total-Count` and `Link` to the answer of a list. */
export function describePages(
  request: FastifyRequest,
  reply: FastifyReply,
  { page, page_size: size }: { page: number; page_size: number },
  total: number,
): void {
  const last = Math.max(1, Math.ceil(total / size));
  const links = [
    ['first', 1],
    ...(page > 1 ? [['prev', Math.min(page - 1, last)]] : []),
    ...(page < last ? [['next', page + 1]] : []),
    ['last', last],
  ];
  const { pathname, searchParams } = new URL(request.url, 'http://portal');
  const address = (target: unknown) => {
    const query = new URLSearchParams(searchParams);
    query.set('page', `${target}`);
    query.set('page_size', `${size}`);
    return `${pathname}?${query}`;
  };
  reply.header('x-total-count', total);
  reply.header('link', links.map(([relation, target]) => `<${address(target)}>; rel="${relation}"`).join(', '));
}

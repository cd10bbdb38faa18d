import { z } from 'zod';
import { notFound, requiredText } from '../chat/input.ts';
import type { Caller } from '../http/graphql.ts';
import type { Api, RestParts } from './api.ts';
import { idParams, namedBy } from './input.ts';
import { problems } from './problems.ts';
import { count, id, time } from './words.ts';

const tags = ['search'];

const query = z.object({
  q: requiredText(1000).meta({ description: 'Words, "phrases", `or`, and -words that must not occur.' }),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});

const found = z
  .object({
    query: z.string(),
    session_id: id().nullable(),
    results: z.array(
      z.object({
        message_id: id(),
        session_id: id(),
        role: z.enum(['user', 'assistant']),
        content: z.string(),
        created_at: time(),
        snippet: z.string().meta({ description: 'Escaped HTML in which the matches alone stand in <mark>.' }),
        rank: z.number(),
      }),
    ),
    total_results: count().meta({ description: 'Exact up to 1,000.' }),
  })
  .meta({ id: 'Found', description: 'What was found, the best first.' });

/** Full-text search over what was said. */
export function registerSearch(api: Api, { caller }: RestParts): void {
  api.get(
    '/search',
    {
      schema: {
        tags,
        operationId: 'search',
        summary: 'Searches all conversations and branches, or one conversation',
        querystring: query.extend({ session_id: z.string().optional() }),
        response: { 200: found, ...problems('invalid_input') },
      },
    },
    async (request) => {
      const { q, limit, session_id: sessionId } = request.query;
      const from = await caller(request);
      return search(
        from,
        q,
        limit,
        sessionId === undefined ? null : await namedBy('session_id', known(from, sessionId)),
      );
    },
  );

  api.get(
    '/sessions/:id/search',
    {
      schema: {
        tags,
        operationId: 'searchSession',
        summary: 'Searches one conversation, all of its branches',
        params: idParams,
        querystring: query,
        response: { 200: found, ...problems('invalid_input', 'not_found') },
      },
    },
    async (request) => {
      const from = await caller(request);
      return search(from, request.query.q, request.query.limit, await known(from, request.params.id));
    },
  );
}

/** The id of one of the viewer's sessions. Throws `not_found`. */
async function known({ viewer, rules }: Caller, sessionId: string): Promise<string> {
  const session = await rules.sessions.find(viewer, sessionId);
  if (session === null) throw notFound('session');
  return session.id;
}

async function search(
  { viewer, rules }: Caller,
  q: string,
  limit: number,
  sessionId: string | null,
): Promise<z.infer<typeof found>> {
  const { hits, totalCount } = await rules.search.search(viewer, { query: q, sessionId, first: limit });
  const messages = await rules.messages.findMany(
    viewer,
    hits.map((hit) => hit.messageId),
  );
  return {
    query: q,
    session_id: sessionId,
    results: hits.flatMap(({ snippet, rank }, index) => {
      const message = messages[index];
      if (message == null) return [];
      return [
        {
          message_id: message.id,
          session_id: message.sessionId,
          role: message.role as 'user' | 'assistant',
          content: message.content,
          created_at: message.createdAt.toISOString(),
          snippet,
          rank,
        },
      ];
    }),
    total_results: totalCount,
  };
}

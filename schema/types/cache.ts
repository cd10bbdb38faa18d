import { requireAdmin } from '../../server/accounts/viewer.ts';
import { requireId } from '../../server/chat/input.ts';
import type { AnswerStats, Whose } from '../../server/stores/answer-store.ts';
import { builder } from '../builder.ts';

const CacheStats = builder.objectRef<AnswerStats>('CacheStats').implement({
  description: 'How the answer cache is doing, over all processes.',
  fields: (t) => ({
    backend: t.exposeString('backend', { description: 'Where it is kept now: memory or redis.' }),
    entries: t.exposeInt('entries', { description: 'Answers kept.' }),
    hits: t.exposeInt('hits', { description: 'Questions answered from it.' }),
    misses: t.exposeInt('misses', { description: 'Questions that it had no answer for.' }),
    hitRate: t.float({
      description: 'Hits of all questions asked of it, 0 to 1; 0 where none was.',
      resolve: ({ hits, misses }) => (hits + misses === 0 ? 0 : hits / (hits + misses)),
    }),
    sizeBytes: t.exposeFloat('sizeBytes', { description: 'What the answers occupy, about.' }),
  }),
});

builder.queryField('cacheStats', (t) =>
  t.field({
    type: CacheStats,
    description: 'How the answer cache is doing. Admins only, except in single-user mode. Throws FORBIDDEN.',
    resolve: async (_root, _args, { viewer, rules }) => {
      await requireAdmin(viewer);
      return rules.answerCache.stats();
    },
  }),
);

builder.mutationField('flushCache', (t) =>
  t.int({
    description:
      'Removes every cached answer, or one user’s, or one session’s; says how many. Admins only, except in single-user mode. ' +
      'Throws FORBIDDEN, and NOT_FOUND where an id is none.',
    args: {
      userId: t.arg.id({ description: 'Whose answers go.' }),
      sessionId: t.arg.id({ description: 'The conversation whose answers go.' }),
    },
    resolve: async (_root, args, { viewer, rules }) => {
      await requireAdmin(viewer);
      return rules.answerCache.forget(whose(args));
    },
  }),
);

builder.queryField('cachedAnswers', (t) =>
  t.int({
    description:
      'How many cached answers `flushCache` would remove with the same arguments. Admins only, except in single-user mode. ' +
      'Throws FORBIDDEN, and NOT_FOUND where an id is none.',
    args: {
      userId: t.arg.id({ description: 'Whose answers.' }),
      sessionId: t.arg.id({ description: 'The conversation whose answers.' }),
    },
    resolve: async (_root, args, { viewer, rules }) => {
      await requireAdmin(viewer);
      return rules.answerCache.count(whose(args));
    },
  }),
);

interface Chosen {
  userId?: string | null | undefined;
  sessionId?: string | null | undefined;
}

function whose({ userId, sessionId }: Chosen): Whose {
  if (sessionId) return { sessionId: requireId(sessionId, 'session') };
  return userId ? { userId: requireId(userId, 'user') } : 'all';
}

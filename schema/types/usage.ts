import { requireAdmin } from '../../server/accounts/viewer.ts';
import type { UsageDay as Day } from '../../server/telemetry/usage.ts';
import { builder } from '../builder.ts';

const UsageDay = builder.objectRef<Day>('UsageDay').implement({
  description: 'What the answers of one day took, for one model and one user.',
  fields: (t) => ({
    date: t.exposeString('date', { description: 'The day in UTC: YYYY-MM-DD.' }),
    userId: t.exposeID('userId', { nullable: true, description: 'Whose answers.' }),
    modelName: t.exposeString('modelName', { description: 'The model that answered.' }),
    answers: t.exposeInt('answers', { description: 'Answers that ended, those from the cache included.' }),
    cachedAnswers: t.exposeInt('cachedAnswers', { description: 'Those among them that came from the cache.' }),
    promptTokens: t.exposeInt('promptTokens', { description: 'Tokens of the prompts.' }),
    completionTokens: t.exposeInt('completionTokens', { description: 'Tokens of the answers.' }),
    generationMs: t.exposeFloat('generationMs', { description: 'Time from taking a reply to its end.' }),
  }),
});

builder.queryField('usage', (t) =>
  t.field({
    type: [UsageDay],
    description:
      'One’s own use a day, the newest first; everyone’s for an admin with `all`. By default the last 30 days. ' +
      'Throws FORBIDDEN.',
    args: {
      from: t.arg({ type: 'DateTime', description: 'The first moment.' }),
      to: t.arg({ type: 'DateTime', description: 'The moment after the last; by default now.' }),
      all: t.arg.boolean({ defaultValue: false, description: 'Everyone’s; for admins.' }),
    },
    resolve: async (_root, { from, to, all }, { viewer, rules }) => {
      if (all) await requireAdmin(viewer);
      return rules.usage.days(all ? null : viewer, from ?? null, to ?? null);
    },
  }),
);

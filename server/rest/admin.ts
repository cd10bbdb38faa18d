import { z } from 'zod';
import { requireAdmin } from '../accounts/viewer.ts';
import type { Api, RestParts } from './api.ts';
import { queryFlag } from './input.ts';
import { problems } from './problems.ts';
import { count } from './words.ts';

const tags = ['operations'];
const dayMs = 86_400_000;

const usageDay = z
  .object({
    date: z.string().meta({ description: 'A day in UTC: 2026-11-21.' }),
    model_name: z.string(),
    answers: count(),
    cached_answers: count(),
    prompt_tokens: count(),
    completion_tokens: count(),
    generation_ms: z.number(),
  })
  .meta({ id: 'UsageDay', description: 'What one model answered on one day.' });

const moment = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], 'must be a date or a time of ISO 8601')
  .transform((text) => new Date(text))
  .optional();

/** What the portal did, for those who run it. */
export function registerAdmin(api: Api, { caller }: RestParts): void {
  api.get(
    '/usage',
    {
      schema: {
        tags,
        operationId: 'readUsage',
        summary: 'One’s own use a day and model; everyone’s for an admin with `all`',
        querystring: z.object({
          from: moment.meta({ description: 'Included; 30 days before `to` where it is left out.' }),
          to: moment.meta({ description: 'Not included; now where it is left out.' }),
          all: queryFlag(),
        }),
        response: { 200: z.array(usageDay), ...problems('invalid_input', 'forbidden') },
      },
    },
    async (request) => {
      const { viewer, rules } = await caller(request);
      const { from, to = new Date(Date.now() + 1), all = false } = request.query;
      if (all) requireAdmin(viewer);
      const days = await rules.usage.days(all ? null : viewer, from ?? new Date(to.getTime() - 30 * dayMs), to);
      return days.map((day) => ({
        date: day.date,
        model_name: day.modelName,
        answers: day.answers,
        cached_answers: day.cachedAnswers,
        prompt_tokens: day.promptTokens,
        completion_tokens: day.completionTokens,
        generation_ms: day.generationMs,
      }));
    },
  );
}

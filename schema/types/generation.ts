import type { Generation as GenerationValues } from '../../server/chat/generation.ts';
import { builder } from '../builder.ts';

export const Generation = builder.objectRef<GenerationValues>('Generation').implement({
  description: 'How answers are sampled: what was chosen, and the configured default for the rest.',
  fields: (t) => ({
    temperature: t.exposeFloat('temperature', {
      description: '0 always takes the likeliest token; higher is more varied.',
    }),
    topP: t.exposeFloat('topP', { description: 'Only the likeliest tokens that make up this share are drawn from.' }),
    topK: t.exposeInt('topK', { description: 'Only so many of the likeliest tokens are drawn from; 0 for all.' }),
    minP: t.exposeFloat('minP', { description: 'Only tokens at least this likely, measured by the likeliest one.' }),
    repeatPenalty: t.exposeFloat('repeatPenalty', {
      description: 'Above 1 makes tokens that came lately less likely.',
    }),
    seed: t.exposeInt('seed', { nullable: true, description: 'The same seed draws the same tokens; null draws anew.' }),
    maxTokens: t.exposeInt('maxTokens', { description: 'Where an answer is cut at the latest.' }),
  }),
});

export const GenerationInput = builder.inputType('GenerationInput', {
  description:
    'How answers are sampled. Left out: the configured default. Numbers outside their range are INVALID_INPUT.',
  fields: (t) => ({
    temperature: t.float({ description: '0 to 2' }),
    topP: t.float({ description: '0 to 1' }),
    topK: t.int({ description: '0 to 1000' }),
    minP: t.float({ description: '0 to 1' }),
    repeatPenalty: t.float({ description: '0.5 to 2' }),
    seed: t.int({ description: 'Any whole number.' }),
    maxTokens: t.int({ description: '1 to 8192' }),
  }),
});

import { z } from 'zod';
import type { Config } from '../config.ts';
import type { Sampling } from '../inference/engine.ts';

/** How an answer is sampled and how long it may be. */
export interface Generation extends Sampling {
  maxTokens: number;
}

const range = (min: number, max: number) => {
  const message = `must be from ${min} to ${max}`;
  return z.number(message).min(min, message).max(max, message).nullish();
};
const wholeRange = (min: number, max: number) => {
  const message = `must be a whole number from ${min} to ${max}`;
  return z.int(message).min(min, message).max(max, message).nullish();
};

/** Some of the settings; what is left out or null falls through to the next wider scope. */
export const generationInput = z
  .object({
    temperature: range(0, 2),
    topP: range(0, 1),
    topK: wholeRange(0, 1000),
    minP: range(0, 1),
    repeatPenalty: range(0.5, 2),
    seed: z.int().min(-2_147_483_648).max(2_147_483_647).nullish(),
    maxTokens: wholeRange(1, 8192),
  })
  .transform((settings) => withoutUnset(settings));

export type GenerationSettings = z.output<typeof generationInput>;

/** The settings that hold: of the message, else of the session, else the configured ones. */
export function effectiveGeneration(config: Config['replies'], ...scopes: readonly unknown[]): Generation {
  const settings = scopes.map((scope) => generationInput.catch({}).parse(scope ?? {}));
  return Object.assign(
    {
      temperature: config.temperature,
      topP: 0.95,
      topK: 40,
      minP: 0.05,
      repeatPenalty: 1.1,
      seed: null,
      maxTokens: config.maxTokens,
    },
    ...settings,
  );
}

type Settings<Values> = { [Name in keyof Values]?: NonNullable<Values[Name]> };

function withoutUnset<Values extends object>(values: Values): Settings<Values> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== null && value !== undefined),
  ) as Settings<Values>;
}

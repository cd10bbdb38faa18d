import { bytesText } from '../../lib/bytes.ts';

interface Facts {
  provider?: string;
  parameters?: string | null | undefined;
  quantization?: string | null | undefined;
  sizeBytes?: number | null | undefined;
}

/** What runs in this portal itself; everything else is a server. */
const here = 'llama.cpp';

/** Whether a model runs behind a server, which then reads what is asked. */
export const isElsewhere = ({ provider }: { provider: string }): boolean => provider !== here;

/** What tells models apart, in one line: 1.5B, Q4_K_M, 1.1 GB. */
export function modelFacts({ provider = here, parameters, quantization, sizeBytes }: Facts): string {
  const place = isElsewhere({ provider }) ? `on a server (${provider})` : null;
  return [parameters, quantization, sizeBytes == null ? null : bytesText(sizeBytes), place].filter(Boolean).join(', ');
}

/** What a person may rely on before they write something. */
export function whereItRuns(model: { name: string; provider: string }): string {
  return isElsewhere(model)
    ? `${model.name} runs on a server (${model.provider}), which reads what you write.`
    : 'The model runs on this machine. What you write stays here.';
}

/** The name of the model that comes with the portal and knows little else. */
const guide = 'pocket-guide';

const questions = [
  'Explain how a CPU cache works, with an everyday comparison',
  'Write a Python function that finds the longest word in a file',
  'Make a table of three ways to brew coffee: time, effort, taste',
  'Help me say no to a meeting, politely and in two sentences',
];
const questionsForGuide = [
  'What can you do?',
  'How do I search my conversations?',
  'Which route streams a reply?',
  'How do I add a bigger model?',
];

/** What one might ask the model first: of the guide, what it knows. */
export function firstQuestions(model: { name: string } | null): readonly string[] {
  return model?.name === guide ? questionsForGuide : questions;
}

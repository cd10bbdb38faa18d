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

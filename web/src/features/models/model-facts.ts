import { bytesText } from '../../lib/bytes.ts';

interface Facts {
  parameters?: string | null | undefined;
  quantization?: string | null | undefined;
  sizeBytes?: number | null | undefined;
}

/** What tells models apart, in one line: 1.5B, Q4_K_M, 1.1 GB. */
export function modelFacts({ parameters, quantization, sizeBytes }: Facts): string {
  return [parameters, quantization, sizeBytes == null ? null : bytesText(sizeBytes)].filter(Boolean).join(', ');
}

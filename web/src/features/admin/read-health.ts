export interface PartHealth {
  name: string;
  status: 'ok' | 'down' | 'disabled';
  latencyMs: number | null;
  message: string | null;
}

interface Answer {
  dependencies: Record<string, { status: PartHealth['status']; latency_ms?: number; message?: string }>;
}

/**
 * How each part is doing. By REST, which needs none of the parts: the graph asks the database who is asking before it answers
 * anything. Throws where the portal itself cannot be reached.
 */
export async function readHealth(signal: AbortSignal): Promise<readonly PartHealth[]> {
  const response = await fetch('/health/deps', { signal, cache: 'no-store' });
  const { dependencies } = (await response.json()) as Answer;
  return Object.entries(dependencies).map(([name, { status, latency_ms, message }]) => ({
    name,
    status,
    latencyMs: latency_ms ?? null,
    message: message ?? null,
  }));
}

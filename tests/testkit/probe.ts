import { setTimeout as pause } from 'node:timers/promises';

export interface Answers {
  /** What each answer took. */
  tookMs: number[];
  /** Clean refusals: 503 with the code that says why. */
  refused: number;
  /** Everything else that was not 200. */
  unexpected: string[];
}

const everyMs = 100;
const graph = `/graphql?query=${encodeURIComponent('{ sessions(first: 1) { totalCount } }')}`;

/** Asks for health and for conversations, ten times a second each; health may never be refused. */
export function askAllTheTime(url: string): { stop(): Promise<Answers> } {
  const answers: Answers = { tookMs: [], refused: 0, unexpected: [] };
  let asking = true;
  async function ask(address: string): Promise<void> {
    const askedAt = performance.now();
    const response = await fetch(`${url}${address}`);
    const text = await response.text();
    answers.tookMs.push(performance.now() - askedAt);
    if (response.ok) return;
    if (address === graph && response.status === 503 && text.includes('"DEPENDENCY_UNAVAILABLE"')) answers.refused++;
    else answers.unexpected.push(`${response.status} ${text}`);
  }
  const loops = ['/health', graph].map(async (address) => {
    while (asking) {
      await ask(address).catch((error: unknown) => answers.unexpected.push(String(error)));
      await pause(everyMs);
    }
  });
  return {
    async stop() {
      asking = false;
      await Promise.all(loops);
      return answers;
    },
  };
}

import { pino } from 'pino';
import { expect, it } from 'vitest';
import { createScriptedEngine } from '../inference/scripted-engine.ts';
import { createMemoryTokenLog } from '../stores/token-log-memory.ts';
import { createMemoryWakeUp } from '../stores/wake-up-memory.ts';
import type { Claim } from './reply-claims.ts';
import { createReplyRunner } from './reply-runner.ts';
import { replyTopics } from './reply-topics.ts';

type Options = Parameters<typeof createReplyRunner>[0];

const claim: Claim = {
  messageId: 'reply',
  userId: 'user',
  attempt: 1,
  tries: 1,
  crashes: 0,
  stopRequested: false,
  requestId: null,
  traceParent: null,
};

function later() {
  let come = () => {};
  const comes = new Promise<void>((resolve) => {
    come = resolve;
  });
  return { comes, come };
}

it('a reply that is taken anew before its last run is over keeps its heartbeat', async () => {
  const [lastRunOver, nextRunOver] = [later(), later()];
  const takes: Claim[][] = [[claim], [{ ...claim, attempt: 2 }]];
  const begun: number[] = [];
  const alive: string[] = [];
  const tokenLog = createMemoryTokenLog();
  const wakeUp = createMemoryWakeUp();
  const runner = createReplyRunner({
    engine: createScriptedEngine(),
    queue: {
      take: async () => ({ claims: takes.shift() ?? [], left: 0 }),
      waiting: async () => [],
      reapStale: async () => 0,
    },
    claims: {
      async begin({ attempt }: Claim) {
        begun.push(attempt);
        if (attempt === 2) await nextRunOver.comes;
        return false;
      },
      async heartbeat(ids: readonly string[]) {
        alive.push(...ids);
        return [];
      },
    } as unknown as Options['claims'],
    tokenLog: { ...tokenLog, expire: () => lastRunOver.comes },
    wakeUp,
    logger: pino({ level: 'silent' }),
    config: { timeoutMs: 60_000 },
    concurrency: 2,
  } as unknown as Options);
  runner.start();
  await expect.poll(() => begun).toEqual([1]);
  wakeUp.notify(replyTopics.queue);
  await expect.poll(() => begun).toEqual([1, 2]);
  lastRunOver.come();
  alive.length = 0;
  await expect.poll(() => alive, { timeout: 5_000 }).toContain('reply');
  nextRunOver.come();
  await runner.stop(0);
});

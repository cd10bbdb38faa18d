import { describe, expect, it } from 'vitest';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { createSession, followBySse, readToEnd, send } from '../testkit/chat.ts';
import { startPortal } from '../testkit/portal.ts';

const env = { MODEL_SEQUENCES: '1' };
const tokenDelayMs = 20;
/** 100 tokens, which take two seconds and a bit. */
const engine = () => createScriptedEngine({ sequences: 1, tokenDelayMs, script: () => 'x'.repeat(250) });

async function ask(url: string): Promise<string> {
  return (await send(url, await createSession(url), 'Hello')).reply.id;
}

/** What a reply that waits is told until it begins, and when. */
async function told(url: string, id: string) {
  const queued: { at: number; position: number; etaMs: number | null }[] = [];
  for await (const event of followBySse(url, id)) {
    if (event.__typename !== 'ReplyQueued') return { queued, begunAt: performance.now() };
    queued.push({ at: performance.now(), position: event.position, etaMs: event.etaMs });
  }
  throw new Error('the reply never began');
}

describe('the wait that a reply is told', () => {
  it('is null until something was measured, then what it takes; a restart forgets nothing of it', async () => {
    const { app, url, databaseUrl } = await startPortal({ engine: engine(), env });
    const [first, second] = [await ask(url), await ask(url)];
    expect((await told(url, second)).queued[0]).toMatchObject({ position: 1, etaMs: null });
    for (const id of [first, second]) await readToEnd(followBySse(url, id));

    await ask(url);
    const { queued, begunAt } = await told(url, await ask(url));
    const { at, etaMs } = queued.find((event) => event.etaMs !== null) ?? { at: 0, etaMs: 0 };
    expect(Math.abs((etaMs ?? 0) - (begunAt - at)) / (begunAt - at)).toBeLessThan(0.5);
    await app.stop();

    const after = await startPortal({ engine: engine(), env, databaseUrl });
    await ask(after.url);
    await ask(after.url);
    const last = await told(after.url, await ask(after.url));
    expect(last.queued.findLast(({ position }) => position === 2)?.etaMs).toBeGreaterThan(1_500);
  });

  it('is told anew where it changed notably, not at each token', async () => {
    const { url } = await startPortal({ engine: engine(), env });
    const ids = [];
    for (let index = 0; index < 5; index++) ids.push(await ask(url));
    const { queued } = await told(url, ids.at(-1) ?? '');
    const measured = queued.filter(({ etaMs }) => etaMs !== null);
    expect(measured.length).toBeGreaterThan(2);
    expect(queued.length).toBeLessThan(20);
    for (const [index, { position }] of queued.entries()) {
      expect(position).toBeLessThanOrEqual(queued[index - 1]?.position ?? 4);
    }
  });
});

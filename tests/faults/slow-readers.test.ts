import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createSession, followByWebSocket, send } from '../testkit/chat.ts';
import { followThroughFaults } from '../testkit/follower.ts';
import { connect } from '../testkit/graph.ts';
import { createInstallation } from '../testkit/installation.ts';
import { residentBytes } from '../testkit/processes.ts';
import { createFigures } from '../testkit/rounds.ts';
import { openStuckSocket, openStuckStream } from '../testkit/stuck-readers.ts';

const readers = 200;
const megabyte = 1024 * 1024;
const mostBytes = 100 * megabyte;
const longReply = { generation: { maxTokens: 2_000 } };

const figures = createFigures();

describe('readers that never read', () => {
  it(`${readers} of them cost less than 100 MB, and who reads beside them gets every word`, {
    timeout: 240_000,
  }, async () => {
    const { url, start } = await createInstallation({ env: { MAX_SOCKETS_PER_USER: '1000' }, model: {} });
    const portal = await start();
    // What the process needs once, it has before it is measured.
    await readLongReply(url, async () => {});
    await firstTokens(url, 'alone');
    const before = await residentBytes(portal.pid);

    let most = before;
    let measuring = true;
    const measured = (async () => {
      for (; measuring; await pause(100)) most = Math.max(most, await residentBytes(portal.pid));
    })();
    await readLongReply(url, async (replyId) => {
      for (let index = 0; index < readers; index++) {
        await (index % 2 === 0 ? openStuckSocket : openStuckStream)(url, replyId);
      }
    });
    await firstTokens(url, `beside ${readers} readers that do not read`);
    measuring = false;
    await measured;

    figures.add('MB more in use at most', (most - before) / megabyte);
    figures.print(`${readers} readers that never read:`);
    expect(most - before).toBeLessThan(mostBytes);
    portal.kill('SIGTERM');
    expect(await portal.exited).toBe(0);
  });
});

/** A long reply, read to its end while `beside` has others read it too. */
async function readLongReply(url: string, beside: (replyId: string) => Promise<void>): Promise<void> {
  const { reply } = await send(url, await createSession(url), 'A long story.', longReply);
  const reading = followThroughFaults(url, reply.id).done;
  await beside(reply.id);
  const { text, message } = await reading;
  expect(message).toMatchObject({ status: 'COMPLETE', content: text });
}

async function firstTokens(url: string, when: string): Promise<void> {
  const client = connect(url);
  for (let time = 0; time < 5; time++) {
    const askedAt = performance.now();
    const { reply } = await send(url, await createSession(url), `Story ${time}`, { generation: { maxTokens: 5 } });
    for await (const event of followByWebSocket(client, reply.id)) {
      if (event.__typename !== 'ReplyText') continue;
      figures.add(`ms to the first token, ${when}`, performance.now() - askedAt);
      break;
    }
  }
}

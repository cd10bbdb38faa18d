import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createInstallation } from '../testkit/installation.ts';
import { createFigures } from '../testkit/rounds.ts';
import { askForStories, untilEvents } from '../testkit/stories.ts';
import { openSocket, openStuckSocket, openStuckStream } from '../testkit/stuck-readers.ts';
import { watchWrites } from '../testkit/write-watch.ts';

const streams = 100;
const stuck = 10;
const exitsWithinMs = 20_000;

describe('SIGTERM', () => {
  it(`with ${streams} streams and ${stuck} stuck sockets ends the portal with 0 in 20 s, every socket with 1001, and all goes on after it`, {
    timeout: 240_000,
  }, async () => {
    const { url, databaseUrl, start } = await createInstallation({
      env: { MAX_SOCKETS_PER_USER: '1000', QUEUE_MAX: '1000' },
      model: {},
    });
    const watch = await watchWrites(databaseUrl);
    const before = await start();
    const followers = await askForStories(
      url,
      Array.from({ length: streams }, () => 80),
    );
    const replyOf = (index: number) => followers.at(-1 - index)?.id ?? '';
    const sockets = await Promise.all(Array.from({ length: 5 }, (_, index) => openSocket(url, replyOf(index))));
    const codes = Promise.all(sockets.map(async (socket) => (await once(socket, 'close'))[0]));
    for (let index = 0; index < stuck; index++) {
      await (index % 2 === 0 ? openStuckSocket : openStuckStream)(url, replyOf(index));
    }
    await untilEvents(followers, streams);

    const askedAt = performance.now();
    before.kill('SIGTERM');
    expect(await before.exited).toBe(0);
    const tookMs = performance.now() - askedAt;
    expect(await codes).toEqual(sockets.map(() => 1001));
    const unended = followers.filter((follower) => !follower.ended());
    expect(unended.length).toBeGreaterThan(0);

    const restartedAt = performance.now();
    const after = await start();
    for (const follower of followers) {
      const { text, message } = await follower.done;
      expect(message).toMatchObject({ status: 'COMPLETE', content: text, errorMessage: null });
    }
    const figures = createFigures();
    figures.add('ms from SIGTERM to the end', tookMs);
    figures.add('replies that had not ended', unended.length);
    figures.add('ms from the next start until all had', performance.now() - restartedAt);
    figures.print(`SIGTERM with ${streams} streams and ${stuck} stuck sockets:`);
    expect(tookMs).toBeLessThan(exitsWithinMs);
    expect(await watch.violations()).toEqual({});
    after.kill('SIGTERM');
    expect(await after.exited).toBe(0);
  });
});

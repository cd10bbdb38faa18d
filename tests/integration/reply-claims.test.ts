import { v7 as uuid } from 'uuid';
import { describe, expect, it } from 'vitest';
import { createReplyClaims, type Ending } from '../../server/chat/reply-claims.ts';
import { emptyReceipt } from '../../server/chat/reply-generate.ts';
import { openTestDatabase } from '../testkit/database.ts';
import { startPortal } from '../testkit/portal.ts';

const claimed = { tries: 1, crashes: 0, stopRequested: false, requestId: null, traceParent: null };
const ending: Ending = {
  status: 'complete',
  content: 'The answer.',
  errorMessage: null,
  errorCode: null,
  lastSeq: 1_000_003,
  tokens: { tokenIds: [], model: null },
  receipt: { ...emptyReceipt, modelName: 'small', finishReason: 'stop' },
  shared: null,
  cacheDigest: null,
  generationMs: 5,
};

describe('the end of a reply', () => {
  it('that is stored again, since nobody heard that it was, is stored once and told each time; of a lost claim never', async () => {
    const { databaseUrl } = await startPortal();
    const db = await openTestDatabase(databaseUrl);
    const { id: userId } = await db.user.findFirstOrThrow();
    const [sessionId, questionId, messageId] = [uuid(), uuid(), uuid()];
    const message = { sessionId, userId, content: '' };
    await db.session.create({ data: { id: sessionId, userId } });
    await db.message.create({ data: { ...message, id: questionId, depth: 0, role: 'user', status: 'complete' } });
    const answer = { id: messageId, parentId: questionId, depth: 1, role: 'assistant', status: 'in_progress' };
    await db.message.create({ data: { ...message, ...answer } });
    await db.reply.create({ data: { messageId, userId, generation: {}, owner: 'here', attempt: 1 } });

    const claims = createReplyClaims({ db, owner: 'here' });
    const claim = { ...claimed, messageId, userId, attempt: 1 };
    expect(await claims.end({ ...claim, attempt: 2 }, ending)).toBeNull();
    expect(await claims.end(claim, ending)).toMatchObject({ id: messageId, content: ending.content });
    expect(await claims.end(claim, ending)).toMatchObject({ id: messageId, content: ending.content });
    expect(await claims.end(claim, { ...ending, lastSeq: 1_000_009 })).toBeNull();
    expect(await db.usageEvent.count({ where: { messageId } })).toBe(1);
  });
});

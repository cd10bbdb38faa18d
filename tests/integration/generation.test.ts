import { describe, expect, it } from 'vitest';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { createSession, followBySse, readToEnd, send } from '../testkit/chat.ts';
import { ask, askFor } from '../testkit/graph.ts';
import { startPortal } from '../testkit/portal.ts';

/** The public ranges, both ends included; whole numbers alone where `whole`. */
const ranges = [
  { name: 'temperature', least: 0, most: 2 },
  { name: 'topP', least: 0, most: 1 },
  { name: 'topK', least: 0, most: 1000, whole: true },
  { name: 'minP', least: 0, most: 1 },
  { name: 'repeatPenalty', least: 0.5, most: 2 },
  { name: 'maxTokens', least: 1, most: 8192, whole: true },
] as const;

const doors = {
  sendMessage: {
    query: 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { reply { id } } }',
    variables: (id: string, generation: unknown) => ({ input: { sessionId: id, content: 'Hello', generation } }),
  },
  createSession: {
    query: 'mutation ($input: CreateSessionInput) { createSession(input: $input) { id } }',
    variables: (_id: string, generation: unknown) => ({ input: { generation } }),
  },
  updateSession: {
    query: 'mutation ($id: ID!, $input: UpdateSessionInput!) { updateSession(id: $id, input: $input) { id } }',
    variables: (id: string, generation: unknown) => ({ id, input: { generation } }),
  },
};

const engine = () => createScriptedEngine({ script: () => 'ok' });

describe('settings of generation', () => {
  it.each(ranges)(
    '$name is from $least to $most at every door, and nothing beyond',
    async ({ name, least, most, ...more }) => {
      const { url } = await startPortal({ engine: engine() });
      const step = 'whole' in more ? 1 : 0.001;
      for (const { query, variables } of Object.values(doors)) {
        for (const value of [least, most, null]) {
          const session = await createSession(url);
          expect((await ask(url, query, variables(session, { [name]: value }))).errors).toBeUndefined();
        }
        const session = await createSession(url);
        for (const value of [least - step, most + step]) {
          const { errors } = await ask(url, query, variables(session, { [name]: value }));
          const [path] = [`input.generation.${name}`];
          expect(errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', errors: [{ path }] });
          expect(errors?.[0]?.message).toContain(`from ${least} to ${most}`);
        }
      }
    },
  );

  it('hold by message, else by session, else by configuration, each for itself', async () => {
    const portal = engine();
    const env = { TEMPERATURE: '0.3', MAX_TOKENS: '77' };
    const { url } = await startPortal({ engine: portal, env });
    const sessionId = await createSession(url, { generation: { topK: 7, minP: 0.2, seed: 5 } });
    const ended = async (generation?: Record<string, unknown>) =>
      readToEnd(followBySse(url, (await send(url, sessionId, 'Hello', { generation })).reply.id));
    await ended();
    expect(portal.requests.at(-1)).toMatchObject({
      maxTokens: 77,
      sampling: { temperature: 0.3, topP: 0.95, topK: 7, minP: 0.2, repeatPenalty: 1.1, seed: 5 },
    });
    await ended({ topK: 9, temperature: 0, maxTokens: 3, minP: null });
    expect(portal.requests.at(-1)).toMatchObject({
      maxTokens: 3,
      sampling: { temperature: 0, topK: 9, minP: 0.2, seed: 5 },
    });
    await askFor(url, doors.updateSession.query, doors.updateSession.variables(sessionId, { temperature: 1.5 }));
    await ended();
    expect(portal.requests.at(-1)).toMatchObject({ maxTokens: 77, sampling: { temperature: 1.5 } });
    const { session } = await askFor<{ session: { generation: Record<string, unknown> } }>(
      url,
      'query ($id: ID!) { session(id: $id) { generation { temperature maxTokens topP } } }',
      { id: sessionId },
    );
    expect(session.generation).toEqual({ temperature: 1.5, maxTokens: 77, topP: 0.95 });
  });

  it('REPLY_TIMEOUT counts from the moment that a reply is taken: waiting for a turn costs nothing', async () => {
    const one = createScriptedEngine({ sequences: 1, script: () => 'ok' });
    const { url } = await startPortal({ engine: one, env: { MODEL_SEQUENCES: '1', REPLY_TIMEOUT: '4' } });
    one.hold();
    const [first, second] = [
      await send(url, await createSession(url), '1'),
      await send(url, await createSession(url), '2'),
    ];
    expect((await readToEnd(followBySse(url, first.reply.id))).message.status).toBe('FAILED');
    await expect.poll(() => one.requests.length).toBe(2);
    one.release();
    expect((await readToEnd(followBySse(url, second.reply.id))).message.status).toBe('COMPLETE');
  });
});

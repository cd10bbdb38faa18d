import { describe, expect, it } from 'vitest';
import { createSession } from '../../testkit/chat.ts';
import { openTestDatabase } from '../../testkit/database.ts';
import { type Answer, sendByHand, sendBytes } from '../../testkit/http.ts';
import { type Operation, operations } from '../../testkit/openapi.ts';
import { startPortal } from '../../testkit/portal.ts';
import { rest } from '../../testkit/rest.ts';

/** Every route, as the description lists them: a new one is tested here without being named. */
const doors = operations.map((operation) => [`${operation.method} ${operation.address}`, operation] as const);
const safe = new Set(['GET', 'HEAD']);
const withBody = operations.filter(({ body }) => body !== null);
/** Its body is a file, read as it comes. */
const fileRoutes = ['import'];
/** A body that may be left out, or whose route answers without looking at it, is never read as a form. */
const json = { 'content-type': 'application/json' };

const addressOf = (operation: Operation, id: string) => operation.address.replace(/\{\w+\}/, encodeURIComponent(id));

function sendSample(
  url: string,
  operation: Operation,
  id: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const body = operation.body === null ? undefined : JSON.stringify(operation.example);
  const query = new URLSearchParams(
    operation.parameters.filter((one) => one.in === 'query' && one.required).map((one) => [one.name, 'x']),
  );
  return sendByHand(
    `${url}${addressOf(operation, id)}?${query}`,
    operation.method,
    { ...(body !== undefined && json), ...headers },
    body,
  );
}

/** The error alone: ids of requests differ. */
function essence({ status, body }: Answer): unknown {
  const { request_id: _, ...rest } = JSON.parse(body);
  return { status, ...rest };
}

describe('what a page of another site can send', () => {
  it('reaches no route that changes anything, and no name that is not ours reaches any', async () => {
    const { url } = await startPortal();
    const id = await createSession(url);
    for (const [name, operation] of doors) {
      const hostile = [
        { host: 'evil.example' },
        ...(safe.has(operation.method)
          ? []
          : [{ origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }]),
      ];
      for (const headers of hostile) {
        const answer = await sendSample(url, operation, id, headers as Record<string, string>);
        expect([name, headers, answer.status]).toEqual([name, headers, 403]);
        expect(answer.headers['access-control-allow-origin']).toBeUndefined();
      }
    }
    expect((await rest<{ favorite: boolean }>(url, 'GET', `/sessions/${id}`)).body.favorite).toBe(false);
    expect((await rest<unknown[]>(url, 'GET', '/sessions')).body).toHaveLength(1);
  });
});

describe('what is another user’s', () => {
  async function withOther() {
    const { url, databaseUrl } = await startPortal();
    const db = await openTestDatabase(databaseUrl);
    const [userId, sessionId, messageId, templateId] = Array.from({ length: 4 }, () => crypto.randomUUID()) as [
      string,
      string,
      string,
      string,
    ];
    await db.user.create({ data: { id: userId, email: 'other@example.org' } });
    await db.session.create({ data: { id: sessionId, userId, title: 'Secret', messageCount: 2 } });
    const questionId = crypto.randomUUID();
    const common = { sessionId, userId, content: 'secret words' };
    await db.message.create({ data: { id: questionId, ...common, depth: 0, role: 'user', status: 'complete' } });
    await db.message.create({
      data: { id: messageId, ...common, parentId: questionId, depth: 1, role: 'assistant', status: 'stopped' },
    });
    await db.promptTemplate.create({
      data: { id: templateId, userId, name: 'Secret', category: 'general', content: 'secret' },
    });
    const everything = async () =>
      JSON.stringify([
        await db.session.findMany({ where: { userId } }),
        await db.message.findMany({ where: { userId }, orderBy: { depth: 'asc' } }),
        await db.promptTemplate.findMany({ where: { userId } }),
      ]);
    return { url, sessionId, messageId, templateId, everything };
  }

  it('looks like what is not there, at every address that takes an id, and stays as it is', async () => {
    const { url, sessionId, messageId, templateId, everything } = await withOther();
    const before = await everything();
    const unknown = crypto.randomUUID();
    let asked = 0;
    for (const [name, operation] of doors) {
      if (!operation.address.includes('{id}')) continue;
      const nothing = essence(await sendSample(url, operation, unknown));
      expect([name, nothing]).toMatchObject([name, { status: 404 }]);
      for (const id of [sessionId, messageId, templateId, 'malformed']) {
        expect([name, id, essence(await sendSample(url, operation, id))]).toEqual([name, id, nothing]);
        asked += 1;
      }
    }
    expect(asked).toBeGreaterThan(60);
    expect(await everything()).toBe(before);
  });

  it('is not named in a body, a query or a header either', async () => {
    const { url, sessionId, messageId, templateId, everything } = await withOther();
    const before = await everything();
    const own = await createSession(url);
    const requests = (id: Record<'session' | 'message' | 'template', string>): [string, string, unknown][] => [
      ['POST', '/chat', { session_id: id.session, prompt: 'x' }],
      ['POST', '/chat/stream', { session_id: id.session, message: 'x', system_prompt: 'Mine now.' }],
      ['POST', `/sessions/${own}/messages`, { role: 'user', content: 'x', parent_id: id.message }],
      ['POST', '/sessions', { template_id: id.template }],
      ['GET', `/search?q=secret&session_id=${id.session}`, undefined],
    ];
    const foreign = requests({ session: sessionId, message: messageId, template: templateId });
    const [first, second, third] = Array.from({ length: 3 }, () => crypto.randomUUID()) as [string, string, string];
    const unknown = requests({ session: first, message: second, template: third });
    for (const [index, [method, address, body]] of foreign.entries()) {
      const answer = await rest(url, method, address, body);
      const [, otherAddress = '', otherBody] = unknown[index] ?? [];
      const other = await rest(url, method, otherAddress, otherBody);
      expect([address, answer.status]).toEqual([address, 422]);
      expect({ ...answer.body, request_id: '' }).toEqual({ ...other.body, request_id: '' });
    }
    const asked = await sendByHand(
      `${url}/v1/chat/completions`,
      'POST',
      { ...json, 'x-session-id': sessionId },
      JSON.stringify({ messages: [{ role: 'user', content: 'x' }] }),
    );
    expect(asked.status).toBe(404);
    expect(await everything()).toBe(before);
  });

  it('is in no list', async () => {
    const { url } = await withOther();
    for (const [name, operation] of doors) {
      if (operation.method !== 'GET' || operation.address.includes('{')) continue;
      const answer = await sendByHand(`${url}${operation.address}?q=secret`, 'GET', {});
      expect([name, answer.body.toLowerCase().includes('secret words')]).toEqual([name, false]);
      expect([name, answer.body.includes('Secret')]).toEqual([name, false]);
    }
  });
});

describe('bodies', () => {
  it('are JSON, and nothing else is read', async () => {
    const { url } = await startPortal();
    const id = await createSession(url);
    for (const operation of withBody) {
      if (fileRoutes.includes(operation.operationId)) continue;
      const address = `${url}${addressOf(operation, id)}`;
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'x']) {
        const answer = await sendByHand(address, operation.method, { 'content-type': type }, '{"favorite":true}');
        expect([operation.operationId, type, answer.status]).toEqual([operation.operationId, type, 415]);
      }
      const broken = await sendByHand(address, operation.method, json, '{');
      expect([operation.operationId, broken.status]).toEqual([operation.operationId, 400]);
      if (operation.address.startsWith('/api/')) expect(JSON.parse(broken.body).status).toBe(400);
      const large = await sendByHand(address, operation.method, json, `"${'x'.repeat(1024 * 1024)}"`);
      expect([operation.operationId, large.status]).toEqual([operation.operationId, 413]);
    }
    expect((await rest<{ favorite: boolean }>(url, 'GET', `/sessions/${id}`)).body.favorite).toBe(false);
  });

  it('a key that names a prototype changes nothing, and is refused where it would be stored', async () => {
    const { url } = await startPortal();
    const created = await sendByHand(
      `${url}/api/v1/sessions`,
      'POST',
      json,
      '{"title":"x","__proto__":{"admin":true},"constructor":{"prototype":{}}}',
    );
    expect(created.status).toBe(201);
    const address = `${url}/api/v1/sessions/${JSON.parse(created.body).session_id}/messages`;
    const store = (context: string) =>
      sendByHand(address, 'POST', json, `{"role":"user","content":"x","context":${context}}`);
    for (const context of ['{"__proto__":{"a":1}}', '{"b":[{"__proto__":null}]}']) {
      const refused = await store(context);
      expect([refused.status, JSON.parse(refused.body).errors[0].path]).toEqual([422, 'context']);
    }
    const context = { constructor: { prototype: [1] }, toString: null };
    expect(JSON.parse((await store(JSON.stringify(context))).body).context).toEqual(context);
    expect(({} as Record<string, unknown>).admin).toBeUndefined();
  });
});

describe('query strings', () => {
  it('a parameter that says nothing is as one that is left out', async () => {
    const { url } = await startPortal();
    const id = await createSession(url);
    const template = { name: 'Mine', category: 'general', content: 'Be brief.' };
    await rest(url, 'POST', '/prompts/templates', template);
    for (const [address, empty] of [
      ['/sessions', 'page=&page_size=&search=&favorite=&archived='],
      [`/sessions/${id}/messages`, 'page=&page_size='],
      ['/prompts/templates', 'category='],
      ['/search?q=x', 'limit=&session_id='],
      ['/usage', 'from=&to=&all='],
    ] as const) {
      const join = address.includes('?') ? '&' : '?';
      const plain = await rest<unknown>(url, 'GET', address);
      const answer = await rest<unknown>(url, 'GET', `${address}${join}${empty}`);
      expect([address, answer.status, answer.body]).toEqual([address, 200, plain.body]);
    }
    expect((await rest(url, 'GET', '/search?q=')).body.errors?.map(({ path }) => path)).toEqual(['q']);
  });
});

describe('addresses', () => {
  it('answer only the methods that they are described with', async () => {
    const { url } = await startPortal();
    for (const address of new Set(operations.map((operation) => operation.address))) {
      const described = operations.filter((operation) => operation.address === address).map(({ method }) => method);
      const target = `${url}${address.replace(/\{\w+\}/, crypto.randomUUID())}`;
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].filter(
        (other) => !described.includes(other),
      )) {
        // Where a parameter stands in the place of a word, another route may answer.
        const answer = await sendByHand(target, method, {});
        expect([method, address, answer.status]).toEqual([method, address, 405]);
        for (const name of described) expect(answer.headers.allow).toContain(name);
      }
    }
  });

  it('that are not there are 404, as a problem', async () => {
    const { url } = await startPortal();
    for (const method of ['GET', 'POST', 'DELETE']) {
      const answer = await sendByHand(`${url}/api/v1/nothing`, method, {});
      expect(answer.status).toBe(404);
      expect(answer.headers['content-type']).toContain('application/problem+json');
      expect(JSON.parse(answer.body)).toMatchObject({ code: 'not_found', request_id: answer.headers['x-request-id'] });
    }
  });

  it('that no id can have are 404 like an unknown one, however long or broken', async () => {
    const { url } = await startPortal();
    const prefix = { api: `${url}/api/v1/`, openAi: `${url}/v1/` };
    for (const id of ['x'.repeat(101), 'x'.repeat(8000), '%F0', '%zz', '%00']) {
      for (const name of ['sessions', 'messages', 'models', 'prompts/templates'] as const) {
        const method = name === 'prompts/templates' ? 'DELETE' : 'GET';
        const answer = await sendByHand(`${prefix.api}${name}/${id}`, method, {});
        expect([name, id, answer.status]).toEqual([name, id, 404]);
        expect(answer.headers['content-type']).toContain('application/problem+json');
        expect(JSON.parse(answer.body)).toMatchObject({
          code: 'not_found',
          status: 404,
          request_id: answer.headers['x-request-id'],
        });
      }
      const asked = await sendByHand(`${prefix.openAi}models/${id}`, 'GET', {});
      expect([id, asked.status, JSON.parse(asked.body).error.code]).toEqual([id, 404, 'not_found']);
    }
  });

  it('that are no HTTP at all are told so as a problem too', async () => {
    const { url } = await startPortal();
    const requests: [string, number, string][] = [
      ['FOO /api/v1/sessions HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'invalid_input'],
      ['GET /api/v1/sessions HTTP/1.1\r\nHost x\r\n\r\n', 400, 'invalid_input'],
      ['GET /\u0001 HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'invalid_input'],
      [`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'payload_too_large'],
    ];
    for (const [request, status, code] of requests) {
      const answer = await sendBytes(url, request);
      const [head = '', body = ''] = answer.split('\r\n\r\n');
      expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(head).toContain('Content-Type: application/problem+json');
      const problem = JSON.parse(body);
      expect(problem).toMatchObject({ status, code });
      expect(head).toContain(`X-Request-Id: ${problem.request_id}`);
    }
  });

  it('every answer carries the id of its request, the caller’s own where it is harmless', async () => {
    const { url } = await startPortal();
    const own = await sendByHand(`${url}/api/v1/sessions`, 'GET', { 'x-request-id': 'my-id.1' });
    expect(own.headers['x-request-id']).toBe('my-id.1');
    const odd = await sendByHand(`${url}/api/v1/sessions/x`, 'GET', { 'x-request-id': 'a b{}' });
    expect(odd.headers['x-request-id']).not.toBe('a b{}');
    expect(JSON.parse(odd.body).request_id).toBe(odd.headers['x-request-id']);
  });
});

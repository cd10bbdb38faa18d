import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ask, askFor } from '../testkit/graph.ts';
import { sendByHand as send } from '../testkit/http.ts';
import { startPortal } from '../testkit/portal.ts';

function openSocket(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers });
    socket.on('open', () => {
      resolve(101);
      socket.close();
    });
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    socket.on('error', () => {});
  });
}

const json = { 'content-type': 'application/json' };
const createSession = JSON.stringify({ query: 'mutation { createSession { id } }' });
const countSessions = async (url: string) =>
  (await askFor<{ sessions: { totalCount: number } }>(url, '{ sessions { totalCount } }')).sessions.totalCount;

describe('what a page of another site can send', () => {
  it.each<[string, Record<string, string>, number]>([
    ['nothing about itself', {}, 200],
    ['our own origin', { origin: 'SELF' }, 200],
    ['the development server', { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' }, 200],
    ['another origin', { origin: 'https://evil.example' }, 403],
    ['our origin with another port', { origin: 'http://localhost:1' }, 403],
    ['a sandboxed origin', { origin: 'null' }, 403],
    ['a cross-site mark', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a name that is not ours', { host: 'evil.example' }, 403],
    ['a name that begins like ours', { host: 'localhost.evil.example' }, 403],
  ])('%s', async (_name, given, status) => {
    const { url } = await startPortal();
    const headers = { ...given, ...(given.origin === 'SELF' && { origin: url }) };
    const answer = await send(`${url}/graphql`, 'POST', { ...json, ...headers }, createSession);
    expect(answer.status).toBe(status);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    expect(await countSessions(url)).toBe(status === 200 ? 1 : 0);
    expect(await openSocket(url, headers)).toBe(status === 200 ? 101 : status);
  });

  it('is refused for every unsafe method, with or without a body, at any address', async () => {
    const { url } = await startPortal();
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      for (const address of ['/graphql', '/api/v1/sessions', '/nowhere']) {
        const foreign = await send(`${url}${address}`, method, { origin: 'https://evil.example' });
        expect([method, address, foreign.status]).toEqual([method, address, 403]);
      }
    }
  });

  it.each([
    ['a form', 'application/x-www-form-urlencoded', 'query=mutation%7BcreateSession%7Bid%7D%7D'],
    [
      'a multipart form',
      'multipart/form-data; boundary=x',
      '--x\r\ncontent-disposition: form-data; name="query"\r\n\r\nmutation{createSession{id}}\r\n--x--',
    ],
    ['plain text', 'text/plain', createSession],
    ['a bare GraphQL document', 'application/graphql', 'mutation{createSession{id}}'],
  ])('%s executes nothing', async (_name, type, body) => {
    const { url } = await startPortal();
    const answer = await send(`${url}/graphql`, 'POST', { 'content-type': type }, body);
    expect(answer.status).toBe(415);
    expect(await countSessions(url)).toBe(0);
  });

  it('no mutation runs by GET, as JSON or as a stream', async () => {
    const { url } = await startPortal();
    const address = `${url}/graphql?query=${encodeURIComponent('mutation { createSession { id } }')}`;
    for (const accept of ['application/json', 'text/event-stream', '*/*', 'text/event-stream, application/json']) {
      expect((await send(address, 'GET', { accept })).status).toBe(405);
    }
    expect(await countSessions(url)).toBe(0);
  });
});

describe('limits', () => {
  const depth = (levels: number) =>
    `{ sessions { edges { node { messages { edges { node ${'{ parent '.repeat(levels)}{ id }${' }'.repeat(levels)} } } } } } }`;

  it.each([
    ['a deep document', depth(40)],
    ['a very deep document', depth(20_000)],
    ['a hundred aliases', `{ ${Array.from({ length: 100 }, (_, index) => `a${index}: viewer { id }`).join(' ')} }`],
    ['thousands of tokens', `{ ${'viewer { id } '.repeat(5_000)} }`],
    ['a hundred directives', `{ viewer ${'@include(if: true) '.repeat(100)} { id } }`],
  ])('%s is refused, over HTTP and WebSocket, and the socket stays open', async (_name, query) => {
    const { url } = await startPortal();
    const answer = await send(`${url}/graphql`, 'POST', json, JSON.stringify({ query }));
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body).errors.length).toBeGreaterThan(0);
    expect(answer.body).not.toMatch(/\d{2,}/);

    const frames = await talk(url, [
      { id: '1', type: 'subscribe', payload: { query } },
      { id: '2', type: 'subscribe', payload: { query: '{ viewer { email } }' } },
    ]);
    expect(frames.map((frame) => [frame.id, frame.type])).toEqual([
      ['1', 'error'],
      ['2', 'next'],
      ['2', 'complete'],
    ]);
  });

  it('lists within lists are refused before they are read, also where their sizes are variables', async () => {
    const { url } = await startPortal();
    const nested = (size: string) =>
      `sessions(first: ${size}) { edges { node { messages(first: ${size}) { edges { node { session { messages(first: ${size}) { edges { node { id } } } } } } } } } }`;
    for (const [query, variables] of [
      [`{ ${nested('100')} }`, {}],
      [`query ($n: Int) { ${nested('$n')} }`, { n: 100 }],
      [`{ ${nested('100').replaceAll('(first: 100)', '')} }`, {}],
    ] as const) {
      const answer = await send(`${url}/graphql`, 'POST', json, JSON.stringify({ query, variables }));
      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.body).errors[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    }
  });

  it('a body of more than 1 MiB is refused', async () => {
    const { url } = await startPortal();
    const answer = await send(
      `${url}/graphql`,
      'POST',
      json,
      JSON.stringify({ query: `# ${'x'.repeat(1024 * 1024)}` }),
    );
    expect(answer.status).toBe(413);
    expect(JSON.parse(answer.body).errors[0].extensions.code).toBe('PAYLOAD_TOO_LARGE');
  });

  it('an answer is compressed where that makes it arrive sooner, for who takes it so', async () => {
    const { url } = await startPortal();
    const asked = (query: string, encodings: string) =>
      send(`${url}/graphql`, 'POST', { ...json, 'accept-encoding': encodings }, JSON.stringify({ query }));
    const everything =
      '{ __schema { types { name description fields { name description args { name description } } } } }';
    const [small, large, plain] = [
      await asked('{ sessions { totalCount } }', 'gzip'),
      await asked(everything, 'gzip'),
      await asked(everything, 'identity'),
    ];
    expect(small.headers['content-encoding']).toBeUndefined();
    expect(large.headers['content-encoding']).toBe('gzip');
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(Buffer.byteLength(plain.body)).toBeGreaterThan(14_600);
  });

  it('a syntax error over a socket is an error frame, and the socket stays open', async () => {
    const { url } = await startPortal();
    const frames = await talk(url, [
      { id: '1', type: 'subscribe', payload: { query: '{ viewer {' } },
      { id: '2', type: 'subscribe', payload: { query: '{ nothing }' } },
      { id: '3', type: 'subscribe', payload: { query: '{ viewer { email } }' } },
    ]);
    expect(frames.map((frame) => frame.type)).toEqual(['error', 'error', 'next', 'complete']);
    expect(JSON.stringify(frames[0])).toContain('GRAPHQL_PARSE_FAILED');
    expect(JSON.stringify(frames[1])).toContain('GRAPHQL_VALIDATION_FAILED');
  });

  it('a socket carries 20 subscriptions, a user has 10 sockets', async () => {
    const { url } = await startPortal();
    const subscribe = (id: number) => ({
      id: `${id}`,
      type: 'subscribe',
      payload: { query: 'subscription { changes { __typename } }' },
    });
    const frames = await talk(
      url,
      Array.from({ length: 21 }, (_, index) => subscribe(index + 1)),
      1,
    );
    expect(frames).toMatchObject([{ id: '21', type: 'error', payload: [{ extensions: { code: 'RATE_LIMITED' } }] }]);

    const sockets = await Promise.all(Array.from({ length: 11 }, () => connectedSocket(url)));
    const closed = await new Promise((resolve) => {
      for (const socket of sockets) socket.on('close', resolve);
    });
    expect(closed).toBe(4429);
    for (const socket of sockets) socket.close();
  });

  it('a socket that leaves at once takes no place', async () => {
    const { url } = await startPortal();
    for (let round = 0; round < 30; round++) (await connectedSocket(url)).terminate();
    const frames = await talk(url, [{ id: '1', type: 'subscribe', payload: { query: '{ viewer { email } }' } }]);
    expect(frames.map((frame) => frame.type)).toEqual(['next', 'complete']);
  });

  it('no subscription runs by GET', async () => {
    const { url } = await startPortal();
    const address = `${url}/graphql?query=${encodeURIComponent('subscription { changes { __typename } }')}`;
    for (const accept of ['*/*', 'text/event-stream', 'application/json']) {
      const answer = await send(address, 'GET', { accept });
      expect([accept, answer.status]).toEqual([accept, 405]);
      expect(JSON.parse(answer.body).errors[0].extensions.code).toBe('METHOD_NOT_ALLOWED');
    }
  });

  it('streams of events are counted, and given back', async () => {
    const { url } = await startPortal({ env: { MAX_SOCKETS_PER_USER: '1', MAX_SUBSCRIPTIONS_PER_SOCKET: '2' } });
    const leaving = new AbortController();
    const open = () =>
      fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { ...json, accept: 'text/event-stream' },
        body: JSON.stringify({ query: 'subscription { changes { __typename } }' }),
        signal: leaving.signal,
      });
    expect([(await open()).status, (await open()).status, (await open()).status]).toEqual([200, 200, 429]);
    leaving.abort();
    await expect
      .poll(
        async () =>
          (
            await send(
              `${url}/graphql`,
              'POST',
              { ...json, accept: 'text/event-stream' },
              JSON.stringify({ query: '{ viewer { id } }' }),
            )
          ).status,
      )
      .toBe(200);
  });

  it('what is odd gets a code from the list, never a 500', async () => {
    const { url } = await startPortal();
    const odd: [string, string, Record<string, string>, string | undefined, number, string][] = [
      ['GET', '/graphql?query={viewer{id}}&variables={', {}, undefined, 422, 'INVALID_INPUT'],
      ['PUT', '/graphql', json, '{}', 405, 'METHOD_NOT_ALLOWED'],
      ['POST', '/health', {}, undefined, 405, 'method_not_allowed'],
      ['GET', '/%zz', {}, undefined, 404, 'not_found'],
      ['POST', '/graphql', json, '[]', 400, 'INVALID_INPUT'],
      ['POST', '/graphql', json, '5', 400, 'INVALID_INPUT'],
      ['POST', '/graphql', json, '{', 400, 'INVALID_INPUT'],
      ['POST', '/graphql', { ...json, accept: 'image/png' }, '{"query":"{viewer{id}}"}', 415, 'UNSUPPORTED_MEDIA_TYPE'],
      [
        'GET',
        `/graphql?query=${encodeURIComponent('mutation{createSession{id}}')}`,
        {},
        undefined,
        405,
        'METHOD_NOT_ALLOWED',
      ],
    ];
    for (const [method, address, headers, body, status, code] of odd) {
      const answer = await send(`${url}${address}`, method, headers, body);
      expect([method, address, answer.status]).toEqual([method, address, status]);
      expect(answer.body).toContain(`"${code}"`);
    }
  });

  it('cursors that are out of bounds are INVALID_INPUT', async () => {
    const { url } = await startPortal();
    const cursor = (key: unknown) => Buffer.from(JSON.stringify(key)).toString('base64url');
    const id = crypto.randomUUID();
    const { createSession: session } = await askFor<{ createSession: { id: string } }>(
      url,
      'mutation { createSession { id } }',
    );
    for (const query of [
      `{ session(id: "${session.id}") { messages(after: "${cursor(Number.MAX_SAFE_INTEGER)}") { totalCount } } }`,
      `{ sessions(after: "${cursor([-8.64e15, id])}") { totalCount } }`,
      `{ search(query: "x", after: "${cursor([1e300, id])}") { totalCount } }`,
    ]) {
      expect((await ask(url, query)).errors?.[0]?.extensions.code).toBe('INVALID_INPUT');
    }
  });

  it('production shows neither its schema nor suggestions nor GraphiQL', async () => {
    const { url } = await startPortal({ env: { APP_ENV: 'production' } });
    const introspection = await ask(url, '{ __schema { types { name } } }');
    expect(introspection.errors?.[0]?.message).toContain('introspection');
    const typo = await ask(url, '{ viewers { id } }');
    expect(typo.errors?.[0]?.message).not.toContain('Did you mean');
    const page = await send(`${url}/graphql`, 'GET', { accept: 'text/html' });
    expect(page.body).not.toContain('<html');
  });

  it('GraphiQL comes from our own address alone', async () => {
    const { url } = await startPortal();
    const page = await send(`${url}/graphql`, 'GET', { accept: 'text/html' });
    expect(page.status).toBe(200);
    expect(page.body).toContain('GraphiQL');
    expect(page.body.match(/(?:src|href)="https?:[^"]*/g)).toBeNull();
  });
});

interface Frame {
  id?: string;
  type: string;
  payload?: unknown;
}

async function connectedSocket(url: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(JSON.stringify({ type: 'connection_init' }));
  return socket;
}

/** Sends frames by hand once the connection is acknowledged, one after the other; answers what came back. */
async function talk(url: string, frames: Frame[], answers = frames.length): Promise<Frame[]> {
  const socket = await connectedSocket(url);
  const received: Frame[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      const waiting = [...frames];
      let ended = 0;
      socket.on('close', (code) => reject(new Error(`closed with ${code}`)));
      socket.on('message', (data) => {
        const frame = JSON.parse(String(data)) as Frame;
        if (frame.type === 'ping') return;
        if (frame.type !== 'connection_ack') {
          received.push(frame);
          if (frame.type === 'next') return;
          ended += 1;
          if (ended === answers) return resolve();
        }
        const many = answers < frames.length ? waiting.splice(0) : waiting.splice(0, 1);
        for (const next of many) socket.send(JSON.stringify(next));
      });
    });
    return received;
  } finally {
    socket.removeAllListeners('close');
    socket.close();
  }
}

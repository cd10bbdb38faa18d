import { Validator } from '@seriousme/openapi-schema-validator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { createSession, followBySse, readToEnd, send } from '../testkit/chat.ts';
import { componentOf, description, differenceOf, type Operation, operations, type Schema } from '../testkit/openapi.ts';
import { startPortal } from '../testkit/portal.ts';
import { rest } from '../testkit/rest.ts';

const runsPerRoute = 10;
/** What a 5xx may say: the rest would be a defect. */
const honest = new Set(['model_unavailable', 'overloaded', 'dependency_unavailable', 'timeout']);

describe('the OpenAPI description', () => {
  it('is a valid document of OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(description)));
    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
  });

  it('tells what is not as described', () => {
    const operation = operations.find(({ operationId }) => operationId === 'readMessage') as Operation;
    expect(differenceOf(operation, 200, 'application/json', {})).toContain('message_id');
    expect(differenceOf(operation, 404, 'application/problem+json', { code: 'odd' })).toContain('code');
    expect(differenceOf(operation, 200, 'text/html', 'x')).not.toBeNull();
  });

  it('is what the portal serves, and every route has a name of its own', async () => {
    const { url } = await startPortal();
    const served = await (await fetch(`${url}/api/v1/openapi.json`)).json();
    expect(served).toEqual(description);
    const names = operations.map(({ operationId }) => operationId);
    expect(names.every((name) => typeof name === 'string')).toBe(true);
    expect(new Set(names).size).toBe(names.length);
  });

  it('its page comes from our own address alone, under the policy of every page', async () => {
    const { url } = await startPortal();
    const page = await fetch(`${url}/docs/`);
    const text = await page.text();
    expect(page.status).toBe(200);
    expect(text.match(/(?:src|href)="https?:[^"]*/g)).toBeNull();
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    for (const [, file] of text.matchAll(/(?:src|href)="\.?([^"]+)"/g)) {
      expect([file, (await fetch(`${url}/docs${file?.replace(/^\/docs/, '')}`)).status]).toEqual([file, 200]);
    }
  });
});

/** Routes that need more than a sample: a download, a file, an answer that its client writes. */
const needMore = ['pullModel', 'readDownload', 'cancelDownload', 'import', 'reportProgress'];

describe('whatever is sent, as described or not', () => {
  it('every route answers as described, never with a 500, and succeeds where it can', async () => {
    const { url } = await startPortal({
      engine: createScriptedEngine({ script: () => 'Yes.' }),
      env: { QUEUE_MAX: '1000', EMBEDDING_MODEL: 'test-model' },
    });
    const failed: string[] = [];
    const succeeded = new Set<string>();
    for (const operation of operations) {
      const ids = await idsOf(url);
      const asDescribed = async (request: GeneratedRequest) => {
        const response = await fetch(`${url}${request.address}`, request.init);
        const text = await response.text();
        const type = response.headers.get('content-type');
        const body = text === '' ? null : type?.includes('json') ? JSON.parse(text) : text;
        expect(differenceOf(operation, response.status, type, body)).toBeNull();
        expect(response.headers.get('x-request-id')).not.toBeNull();
        if (response.status >= 500) expect(honest).toContain(body.code ?? body.error.code);
        if (response.ok) succeeded.add(operation.operationId);
      };
      await asDescribed(sampleRequest(operation, ids));
      const property = fc.asyncProperty(requestOf(operation, ids), asDescribed);
      const outcome = await fc.check(property, { numRuns: runsPerRoute, endOnFailure: true });
      if (outcome.failed) {
        failed.push(`${operation.method} ${operation.address}: ${fc.defaultReportMessage(outcome) ?? ''}`);
      }
    }
    expect(failed).toEqual([]);
    const all = operations.map(({ operationId }) => operationId);
    expect(all.filter((name) => !succeeded.has(name) && !needMore.includes(name))).toEqual([]);
  }, 240_000);
});

interface KnownIds {
  session: string;
  message: string;
  unanswered: string;
  template: string;
}

/** A session with a question and its answer, one whose answer was not begun, and a template. */
async function idsOf(url: string): Promise<KnownIds> {
  const session = await createSession(url);
  const { reply } = await send(url, session, 'Why?');
  await readToEnd(followBySse(url, reply.id));
  const template = await rest<{ id: string }>(url, 'POST', '/prompts/templates', {
    name: `Mine ${session}`,
    category: 'general',
    content: 'Be brief.',
  });
  const unanswered = await createSession(url);
  for (const [role, status] of [
    ['user', 'complete'],
    ['assistant', 'pending'],
  ]) {
    await rest(url, 'POST', `/sessions/${unanswered}/messages`, { role, content: 'Why?', status });
  }
  return { session, message: reply.id, unanswered, template: template.body.id };
}

interface GeneratedRequest {
  address: string;
  init: RequestInit;
}

/** A request that should be answered well. */
function sampleRequest(operation: Operation, ids: KnownIds): GeneratedRequest {
  const query = new URLSearchParams(
    operation.parameters.filter((one) => one.in === 'query' && one.required).map((one) => [one.name, 'x']),
  );
  const sample = operation.example;
  const body = isRecord(sample) && 'session_id' in sample ? { ...sample, session_id: ids.session } : sample;
  return {
    address: `${operation.address.replace(/\{\w+\}/, ownId(operation.address, ids))}?${query}`,
    init: {
      method: operation.method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    },
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function requestOf(operation: Operation, ids: KnownIds): fc.Arbitrary<GeneratedRequest> {
  const inPath = operation.parameters.filter((parameter) => parameter.in === 'path');
  const inQuery = operation.parameters.filter((parameter) => parameter.in === 'query');
  const own = ownId(operation.address, ids);
  const id = fc.oneof(
    { weight: 4, arbitrary: fc.constant(own) },
    fc.uuid(),
    fc.string({ minLength: 1, maxLength: 20 }),
  );
  const body = operation.body === null ? fc.constant(undefined) : bodyOf(operation.body, ids);
  return fc
    .record({
      path: fc.tuple(...inPath.map(() => id)),
      query: fc.tuple(...inQuery.map(({ schema }) => fc.option(oftenAs(schema, ids), { nil: undefined, freq: 1 }))),
      body,
    })
    .map(({ path, query, body: sent }) => {
      const search = new URLSearchParams();
      for (const [index, { name }] of inQuery.entries()) {
        const value = query[index];
        if (value !== undefined) search.set(name, typeof value === 'string' ? value : JSON.stringify(value));
      }
      const filled = inPath.reduce(
        (address, { name }, index) => address.replace(`{${name}}`, encodeURIComponent(path[index] ?? '')),
        operation.address,
      );
      return {
        address: `${filled}?${search}`,
        init: {
          method: operation.method,
          ...(sent !== undefined && { body: JSON.stringify(sent), headers: { 'content-type': 'application/json' } }),
        },
      };
    });
}

/** What the parameter of an address may well be. */
function ownId(address: string, ids: KnownIds): string {
  if (address.endsWith('/resume')) return ids.unanswered;
  if (address.includes('/sessions/')) return ids.session;
  if (address.includes('/templates/')) return ids.template;
  return address.includes('/models/') ? 'test-model' : ids.message;
}

function bodyOf(schema: Schema, ids: KnownIds): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 6, arbitrary: oftenAs(schema, ids) }, { weight: 1, arbitrary: fc.jsonValue() });
}

/** Mostly a value of the schema; sometimes, anywhere in it, something else. */
function oftenAs(schema: Schema, ids: KnownIds): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 40, arbitrary: memberOf(schema, ids) }, { weight: 1, arbitrary: fc.jsonValue() });
}

function memberOf(schema: Schema, ids: KnownIds): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) return memberOf(componentOf(schema.$ref), ids);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives !== undefined) return fc.oneof(...alternatives.map((one) => oftenAs(one, ids)));
  if (Array.isArray(schema.type)) return fc.oneof(...schema.type.map((type) => memberOf({ ...schema, type }, ids)));
  switch (schema.type) {
    case 'string':
      return fc.oneof(
        fc.string({
          unit: 'binary',
          minLength: schema.minLength ?? 0,
          maxLength: Math.min(schema.maxLength ?? 40, 40),
        }),
        fc.constantFrom('Why?', ids.session, ids.message, 'test-model', '\u0000', '\ud800', ' '),
      );
    case 'integer':
      return fc.integer({ min: Math.max(schema.minimum ?? -9, -9), max: Math.min(schema.maximum ?? 200, 200) });
    case 'number':
      return fc.double({ min: schema.minimum ?? -9, max: schema.maximum ?? 200, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(oftenAs(schema.items ?? {}, ids), { minLength: schema.minItems ?? 0, maxLength: 3 });
    case 'object':
      return fc.record(
        Object.fromEntries(
          Object.entries(schema.properties ?? {}).map(([name, of]) => [
            name,
            name.startsWith('model') ? fc.constant('test-model') : oftenAs(of, ids),
          ]),
        ),
        { requiredKeys: schema.required ?? [] },
      );
    default:
      return fc.jsonValue();
  }
}

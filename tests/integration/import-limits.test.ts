import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { openTestDatabase } from '../testkit/database.ts';
import { importFile, mustImport, zipOf } from '../testkit/portability.ts';
import { startPortal } from '../testkit/portal.ts';
import { rest } from '../testkit/rest.ts';

const one = { messages: [{ role: 'user', content: 'Hello' }] };

/** A file of our own with this one message. */
const withMessage = (message: Record<string, unknown>, id = crypto.randomUUID()) => ({
  export_version: '1.0',
  id,
  messages: [{ message_id: 'a', role: 'assistant', content: 'x', created_at: '2026-01-01T00:00:00Z', ...message }],
});

/** Stands in a file for lists within lists; what is nested deeper than the stack cannot be written by JSON.stringify. */
const nested = (levels: number) => `<${levels} levels>`;
const written = (file: unknown) =>
  JSON.stringify(file).replaceAll(/"<(\d+) levels>"/g, (_, levels) => `${'['.repeat(levels)}1${']'.repeat(levels)}`);

describe('what is sent for an import', () => {
  it('is refused by its form before anything is stored, each with its code', async () => {
    const { url, databaseUrl } = await startPortal();
    const db = await openTestDatabase(databaseUrl);
    const valid = JSON.stringify([one, one]);
    const zip = await zipOf({ 'conversations.json': [one] });
    const refused: [string, string | Buffer, string, number, string][] = [
      ['no JSON', 'hello', 'application/json', 400, 'invalid_input'],
      ['nothing', '', 'application/json', 400, 'invalid_input'],
      ['cut off', valid.slice(0, -1), 'application/json', 400, 'invalid_input'],
      ['bad within', '{"messages":[{"role":"user","content":hello}]}', 'application/json', 400, 'invalid_input'],
      ['two values', `${valid}${valid}`, 'application/json', 400, 'invalid_input'],
      ['a number', '5', 'application/json', 422, 'invalid_input'],
      ['no conversation', '{"name":"x"}', 'application/json', 422, 'invalid_input'],
      ['no conversations', '[1,"x",{"a":[]}]', 'application/json', 422, 'invalid_input'],
      ['a later portal’s', '{"export_version":"2.0","sessions":[]}', 'application/json', 422, 'invalid_input'],
      ['no zip', 'hello', 'application/zip', 422, 'invalid_input'],
      ['a cut zip', zip.subarray(0, -30), 'application/zip', 422, 'invalid_input'],
      ['a zip of nothing', await zipOf({ 'picture.png': Buffer.from('x') }), 'application/zip', 422, 'invalid_input'],
      ['another type', valid, 'text/plain', 415, 'unsupported_media_type'],
      ['a form', valid, 'multipart/form-data', 415, 'unsupported_media_type'],
    ];
    for (const [what, body, type, status, code] of refused) {
      const { status: answered, problem } = await importFile(url, body, { type });
      expect([what, answered, problem.code]).toEqual([what, status, code]);
      if (status === 415) expect(problem.detail).toBe('The body must be application/json or application/zip.');
    }
    const { status, problem } = await importFile(url, one, { headers: { origin: 'http://evil.example' } });
    expect([status, problem.code]).toEqual([403, 'forbidden']);
    expect((await rest(url, 'GET', '/import')).status).toBe(405);
    expect((await rest(url, 'POST', '/import?dry_run=maybe', one)).status).toBe(422);
    expect(await db.session.count()).toBe(0);
    for (const empty of ['[]', '{"export_version":"1.0","sessions":[]}']) {
      expect(await importFile(url, empty)).toMatchObject({ status: 200, report: { imported: 0, items: [] } });
    }
  });

  it('may be 100 MiB and not a byte more, whether it says so or not', async () => {
    const { url, databaseUrl } = await startPortal();
    const db = await openTestDatabase(databaseUrl);
    const most = 100 * 1024 * 1024;
    const answer = await sendUpload(url, { 'content-length': String(most + 1) }, async () => {});
    expect([answer.status, answer.code]).toEqual([413, 'payload_too_large']);
    const unsaid = await sendUpload(url, {}, async (write) => {
      const space = Buffer.alloc(1024 * 1024, ' ');
      for (let sent = 0; sent <= most; sent += space.length) await write(space);
    });
    expect([unsaid.status, unsaid.code]).toEqual([413, 'payload_too_large']);
    expect(await db.session.count()).toBe(0);
  });

  it('leaves nothing where it breaks off', async () => {
    const { url, databaseUrl } = await startPortal();
    const db = await openTestDatabase(databaseUrl);
    const half = JSON.stringify(Array.from({ length: 5000 }, (_, index) => ({ ...one, title: `${index}` }))).slice(
      0,
      -1,
    );
    await expect(
      sendUpload(url, { 'content-length': String(half.length + 1) }, async (write) => {
        await write(Buffer.from(half));
        throw new Error('gone');
      }),
    ).rejects.toThrow('gone');
    await mustImport(url, one);
    expect(await db.session.count()).toBe(1);
  });

  it('holds at most 10,000 messages a conversation, 64 levels of context, 1 MiB of text a message', async () => {
    const { url, databaseUrl } = await startPortal();
    const db = await openTestDatabase(databaseUrl);
    const text = 'x'.repeat(1024 * 1024);
    const cases: [unknown, string | null][] = [
      [withMessage({ context: nested(64) }), null],
      [withMessage({ context: nested(65) }), 'Message 1: context: must not be nested deeper than 64 levels.'],
      [withMessage({ context: nested(10_000) }), 'A message is nested deeper than 64 levels.'],
      [withMessage({ content: text }), null],
      [withMessage({ content: `${text}x` }), 'Message 1: content: must be at most 1048576 characters long.'],
      [withMessage({ context: 'x'.repeat(262_143) }), 'Message 1: context: must be at most 262144 bytes of JSON.'],
      [{ messages: [{ role: 'user', content: `${text}x` }] }, 'A message is longer than 1048576 characters.'],
      [{ messages: [{ role: 'user', content: 'x'.repeat(17e6) }] }, 'A message is larger than 16777216 bytes of JSON.'],
      [{ messages: [one.messages[0], nested(100_000)] }, 'A message is nested deeper than 64 levels.'],
    ];
    for (const [file, reason] of cases) {
      const { report } = await importFile(url, written(file));
      expect(report.items.map((item) => item.reason ?? null)).toEqual([reason]);
      expect(report[reason === null ? 'imported' : 'failed']).toBe(1);
    }
    expect(await db.session.count()).toBe(2);
  });
});

describe('an archive', () => {
  it('that unpacks to more than it may is refused by what comes out, and nothing is stored', async () => {
    const { url, databaseUrl } = await startPortal();
    const db = await openTestDatabase(databaseUrl);
    const bomb = Buffer.alloc(64 * 1024 * 1024, ' ');
    const packed = await zipOf({ 'first.json': [one], 'bomb.json': bomb });
    expect(packed.length).toBeLessThan(1024 * 1024);
    const { status, problem } = await importFile(url, packed, { type: 'application/zip' });
    expect([status, problem.detail]).toEqual([422, 'The file is packed more than 200 times.']);
    expect(await db.session.count()).toBe(0);
  });

  it('that lies about sizes, or was changed, is refused', async () => {
    const { url, databaseUrl } = await startPortal();
    const db = await openTestDatabase(databaseUrl);
    const honest = await zipOf({ 'conversations.json': [one] });
    const directory = honest.indexOf(Buffer.from('PK\u0001\u0002'));
    for (const [field, value] of [
      [16, 0xdeadbeef],
      [20, 7],
      [24, 5],
      [42, 0x7fffffff],
    ] as const) {
      const liar = Buffer.from(honest);
      liar.writeUInt32LE(value, directory + field);
      const { status, problem } = await importFile(url, liar, { type: 'application/zip' });
      expect([field, status, problem.code]).toEqual([field, 422, 'invalid_input']);
    }
    expect(await db.session.count()).toBe(0);
    expect((await importFile(url, honest, { type: 'application/zip' })).report.imported).toBe(1);
  });

  it('whose names are paths out of it writes nowhere: names are never paths', async () => {
    const { url } = await startPortal();
    const honest = await zipOf({ 'aa/aa/evil.json': [one] });
    const evil = Buffer.from(honest.toString('latin1').replaceAll('aa/aa/evil.json', '../../evil.json'), 'latin1');
    const { status, problem } = await importFile(url, evil, { type: 'application/zip' });
    expect([status, problem.detail]).toEqual([422, expect.stringContaining('invalid relative path')]);
  });
});

interface UploadAnswer {
  status: number;
  code: string;
}

/** Writes a request by hand, so that it may break off or say too much. */
function sendUpload(
  url: string,
  headers: Record<string, string>,
  write: (write: (chunk: Buffer) => Promise<void>) => Promise<void>,
): Promise<UploadAnswer> {
  return new Promise((resolve, reject) => {
    const upload = request(`${url}/api/v1/import`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
    });
    let answered = false;
    upload.on('response', async (response) => {
      answered = true;
      let text = '';
      for await (const chunk of response) text += chunk;
      upload.destroy();
      resolve({ status: response.statusCode ?? 0, code: (JSON.parse(text) as { code: string }).code });
    });
    upload.on('error', (error) => {
      if (!answered) reject(error);
    });
    const writable = () =>
      new Promise<void>((resolveWritable) => {
        for (const event of ['drain', 'close', 'response']) upload.once(event, () => resolveWritable());
      });
    upload.setMaxListeners(0);
    const send = async (chunk: Buffer) => {
      if (!answered && !upload.write(chunk)) await writable();
    };
    upload.flushHeaders();
    write(send).then(
      () => {
        if (headers['content-length'] === undefined) upload.end();
      },
      (error: unknown) => {
        upload.destroy();
        reject(error);
      },
    );
  });
}

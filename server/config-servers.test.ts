import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readServers } from './config-servers.ts';

function read(given: Record<string, string>) {
  const problems: string[] = [];
  return { servers: readServers(given, problems), problems };
}

const unset = { apiKey: null, kind: null, contextLength: null, resume: null };

describe('the servers of the settings', () => {
  it('are none, one, or many, and the one comes first', () => {
    expect(read({})).toEqual({ servers: [], problems: [] });
    const one = { OPENAI_BASE_URL: 'http://localhost:11434/v1/', OPENAI_API_KEY: 'sk-1', OPENAI_CONTEXT: '8192' };
    const box = { name: 'box', baseUrl: 'https://box.example/llm/v1', apiKey: 'sk-2', kind: 'vllm', resume: 'never' };
    const { servers, problems } = read({
      ...one,
      OPENAI_SERVERS: JSON.stringify([box, { name: 'b', baseUrl: 'http://b' }]),
    });
    expect(problems).toEqual([]);
    expect(servers).toEqual([
      { ...unset, name: 'openai', baseUrl: 'http://localhost:11434/v1', apiKey: 'sk-1', contextLength: 8192 },
      { ...unset, ...box },
      { ...unset, name: 'b', baseUrl: 'http://b/v1' },
    ]);
  });

  it('may keep their keys in files', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'keys-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const apiKeyFile = path.join(folder, 'key');
    writeFileSync(apiKeyFile, 'sk-of-a-file\n');
    const { servers } = read({ OPENAI_SERVERS: JSON.stringify([{ name: 'b', baseUrl: 'http://b/v1', apiKeyFile }]) });
    expect(servers[0]?.apiKey).toBe('sk-of-a-file');
    const missing = read({ OPENAI_SERVERS: JSON.stringify([{ name: 'b', baseUrl: 'http://b', apiKeyFile: '/none' }]) });
    expect(missing.problems).toEqual([
      'OPENAI_SERVERS: b has an apiKeyFile that cannot be read, or holds no key: /none',
    ]);
  });

  it.each<[Record<string, string>, RegExp]>([
    [{ OPENAI_BASE_URL: 'localhost:11434' }, /^OPENAI_BASE_URL: must be an address/],
    [{ OPENAI_BASE_URL: 'http://user:secret@host/v1' }, /without a key in it$/],
    [{ OPENAI_BASE_URL: 'http://host/v1?key=secret' }, /without a key in it$/],
    [{ OPENAI_BASE_URL: 'http://h', OPENAI_API_KEY: 'two words: secret' }, /^OPENAI_API_KEY: must be printable/],
    [{ OPENAI_BASE_URL: 'http://h', OPENAI_CONTEXT: 'much' }, /^OPENAI_CONTEXT: /],
    [{ OPENAI_SERVERS: 'no json, secret' }, /^OPENAI_SERVERS: /],
    [{ OPENAI_SERVERS: '[{"name":"a b","baseUrl":"http://h"}]' }, /^OPENAI_SERVERS\[0\]\["name"\]: must be letters/],
    [{ OPENAI_SERVERS: '[{"name":"a","baseUrl":"http://h","apikey":"secret"}]' }, /apikey/],
    [
      { OPENAI_SERVERS: '[{"name":"a","baseUrl":"http://h"},{"name":"A","baseUrl":"http://i"}]' },
      /two servers have one name$/,
    ],
    [
      { OPENAI_BASE_URL: 'http://h', OPENAI_SERVERS: '[{"name":"openai","baseUrl":"http://i"}]' },
      /is that of OPENAI_BASE_URL$/,
    ],
  ])('%j is a mistake that is named, and no secret with it', (given, message) => {
    const { problems } = read(given);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(message);
    expect(problems[0]).not.toContain('secret');
  });
});

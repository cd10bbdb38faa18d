import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig, settingNames } from './config.ts';

type Environment = Record<string, string | undefined>;

function root(files: Record<string, string> = {}): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'config-'));
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(dir, name), content);
  return dir;
}

const read = (env: Environment, files: Record<string, string> = {}) => readConfig(env, root(files));

function problemsOf(env: Environment, files: Record<string, string> = {}): readonly string[] {
  try {
    read(env, files);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('readConfig', () => {
  it('needs nothing: the defaults are a portal on this machine alone', () => {
    const dir = root();
    const config = readConfig({}, dir);
    expect(config).toMatchObject({
      production: false,
      listen: { host: '127.0.0.1', port: 8000 },
      http: { allowedHosts: null, allowedOrigins: null, trustProxy: false, graphiql: true },
      log: { level: 'info', json: false },
      dataDir: path.join(dir, '.data'),
      database: { url: null },
      models: { dir: path.join(dir, 'models'), preferred: null, sequences: 8, contextLength: null, gpu: 'auto' },
      replies: { temperature: 0.7, maxTokens: 1024, timeoutMs: 600_000, queueMax: 100 },
    });
    expect(config.models.threads).toBeNull();
    expect(config.models.states).toEqual({ dir: path.join(dir, '.data', 'states'), maxBytes: 2 ** 30 });
  });

  it('production logs JSON and has no GraphiQL unless it is asked for', () => {
    expect(read({ APP_ENV: 'production' })).toMatchObject({ log: { json: true }, http: { graphiql: false } });
    expect(read({ APP_ENV: 'production', GRAPHIQL: 'on' })).toMatchObject({ http: { graphiql: true } });
  });

  it('takes an empty value as unset', () => {
    const empty = Object.fromEntries(settingNames.map((name) => [name, '']));
    const dir = root();
    expect(readConfig(empty, dir)).toEqual(readConfig({}, dir));
  });

  it('names every bad setting at once', () => {
    const bad = {
      PORT: '80000',
      APP_ENV: 'staging',
      LOG_LEVEL: 'loud',
      GRAPHIQL: 'yes',
      TEMPERATURE: '2.1',
      MAX_TOKENS: '1.5',
      REPLY_TIMEOUT: '0',
      QUEUE_MAX: 'many',
      MODEL_THREADS: String(availableParallelism() + 1),
      MODEL_SEQUENCES: '-1',
      MODEL_CONTEXT: '1e9',
      MODEL_GPU: 'tpu',
      DATABASE_URL: 'mysql://localhost',
      POSTGRES_PORT: 'x',
      BEHIND_LOOPBACK: 'maybe',
      MAX_SOCKETS_PER_USER: '0',
      ALLOWED_HOSTS: 'http://name',
      ALLOWED_ORIGINS: 'name',
      TRUST_PROXY: '2',
      AUTH: 'on',
      HOST: '192.168.1.5',
    };
    const problems = problemsOf(bad);
    expect(problems.map((problem) => problem.split(':')[0]).sort()).toEqual(Object.keys(bad).sort());
  });

  it('never repeats a bad value that may be a secret', () => {
    expect(problemsOf({ DATABASE_URL: 'mysql://user:hunter2@host' }).join()).not.toContain('hunter2');
  });

  it.each(['0.0.0.0', '::', '192.168.1.5', 'portal.example'])('refuses to listen on %s without accounts', (HOST) => {
    expect(problemsOf({ HOST })).toEqual([expect.stringMatching(/^HOST: .*BEHIND_LOOPBACK=1/)]);
    expect(problemsOf({ HOST, BEHIND_LOOPBACK: '1' })).toEqual([]);
  });

  it.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1'])('listens on %s', (HOST) => {
    expect(read({ HOST }).listen.host).toBe(HOST);
  });

  it('refuses AUTH=on while there are no accounts', () => {
    expect(problemsOf({ AUTH: 'on' })).toEqual([expect.stringMatching(/^AUTH: /)]);
  });

  it('composes the database address of its parts, whatever the password holds', () => {
    const password = 'p@ss:w/rd?#[%] ü';
    const { url } = read({ POSTGRES_HOST: 'db', POSTGRES_PORT: '5433', POSTGRES_PASSWORD: password }).database;
    const parsed = new URL(url ?? '');
    expect(parsed.host).toBe('db:5433');
    expect(decodeURIComponent(parsed.password)).toBe(password);
    expect(parsed.pathname).toBe('/pocketllm');
  });

  it('prefers DATABASE_URL to the parts', () => {
    const DATABASE_URL = 'postgres://user@elsewhere/portal';
    expect(read({ DATABASE_URL, POSTGRES_HOST: 'db' }).database.url).toBe(DATABASE_URL);
  });

  it('reads a setting from the file that NAME_FILE names, without its last line break', () => {
    const dir = root({ secret: 's3cret\n' });
    const env = { POSTGRES_HOST: 'db', POSTGRES_PASSWORD_FILE: path.join(dir, 'secret') };
    expect(readConfig(env, dir).database.url).toBe('postgresql://postgres:s3cret@db:5432/pocketllm');
  });

  it('refuses a setting that is given twice, and a file that it cannot read', () => {
    const problems = problemsOf({ PORT: '1', PORT_FILE: '/dev/null', MODEL_FILE: '/nowhere/model' });
    expect(problems).toEqual([
      expect.stringMatching(/^PORT: .*not both/),
      expect.stringMatching(/^MODEL_FILE: cannot/),
    ]);
  });

  it('reads .env, and lets the environment win', () => {
    const file = { '.env': '# mine\nPORT=9000\nMODEL="qwen 2.5"\n' };
    expect(read({}, file)).toMatchObject({ listen: { port: 9000 }, models: { preferred: 'qwen 2.5' } });
    expect(read({ PORT: '9001' }, file).listen.port).toBe(9001);
  });

  it('does everything unless ROLE says less, in either case', () => {
    expect(read({}).role).toBe('all');
    expect(read({ ROLE: 'API' }).role).toBe('api');
    expect(() => read({ ROLE: 'both' })).toThrow(/ROLE: must be all, api or worker/);
  });

  it('has a model for embeddings where one is set, and none by default', () => {
    expect(read({}).models.embedding).toBeNull();
    expect(read({ EMBEDDING_MODEL: 'nomic-embed' }).models.embedding).toBe('nomic-embed');
  });

  it('keeps lists of hosts and origins in the form that browsers send', () => {
    const config = read({ ALLOWED_HOSTS: 'Chat.Local, [::1]:8000', ALLOWED_ORIGINS: 'https://Chat.Local' });
    expect(config.http).toMatchObject({
      allowedHosts: ['chat.local', '[::1]:8000'],
      allowedOrigins: ['https://chat.local'],
    });
  });
});

describe('.env.example', () => {
  const example = readFileSync(path.join(import.meta.dirname, '../.env.example'), 'utf8');
  const documented = parseEnv(example.replaceAll(/^#(?=[A-Z_]+=)/gm, ''));

  it('documents every setting and nothing else', () => {
    expect(Object.keys(documented).sort()).toEqual([...settingNames].sort());
  });

  it('sets nothing as it stands', () => {
    expect(parseEnv(example)).toEqual({});
  });

  it('shows the real defaults', () => {
    const dir = root();
    expect(readConfig(documented, dir)).toEqual(readConfig({}, dir));
    const partsShown = { ...documented, POSTGRES_HOST: 'db' };
    expect(readConfig(partsShown, dir)).toEqual(readConfig({ POSTGRES_HOST: 'db' }, dir));
  });
});

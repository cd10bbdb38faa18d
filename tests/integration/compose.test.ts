import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { readConfig, settingNames } from '../../server/config.ts';

const root = path.join(import.meta.dirname, '../..');
const readText = (file: string) => readFileSync(path.join(root, file), 'utf8');

const composeFile = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string().optional(),
      build: z.string().optional(),
      restart: z.string(),
      ports: z.array(z.string()).default([]),
      environment: z.record(z.string(), z.string()).default({}),
      volumes: z.array(z.string()).default([]),
      depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
      healthcheck: z.object({ test: z.array(z.string()).min(2) }).optional(),
    }),
  ),
});

const { services } = composeFile.parse(parse(readText('docker-compose.yml')));
/** What is laid over it for more processes: a part of a service may stand alone there. */
const overlay = z
  .object({
    services: z.object({ portal: z.object({ environment: z.record(z.string(), z.string()) }), worker: z.unknown() }),
  })
  .parse(parse(readText('docker-compose.workers.yml')));
const { worker } = composeFile.parse({ services: { worker: overlay.services.worker } }).services;
const service = (name: string) => {
  const found = services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
};
const image = (name: string) => /^(\w+):(\d+)-/.exec(service(name).image ?? '')?.slice(1);

/** The instructions of the Dockerfile, each with its arguments on one line. */
const instructions = readText('Dockerfile')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => ({ name: line.split(' ')[0] ?? '', args: line.slice(line.indexOf(' ') + 1) }));
const argumentsOf = (name: string) => instructions.filter((entry) => entry.name === name).map(({ args }) => args);

describe('docker-compose.yml', () => {
  it('runs the portal, Postgres 16 or later and Redis 7 or later', () => {
    expect(Object.keys(services)).toEqual(['portal', 'postgres', 'redis']);
    expect(image('postgres')?.[0]).toBe('postgres');
    expect(Number(image('postgres')?.[1])).toBeGreaterThanOrEqual(16);
    expect(image('redis')?.[0]).toBe('redis');
    expect(Number(image('redis')?.[1])).toBeGreaterThanOrEqual(7);
  });

  it('publishes the portal on loopback only, and nothing else at all', () => {
    expect(service('portal').ports).toEqual(['127.0.0.1:3000:8000', '127.0.0.1:8000:8000']);
    expect(service('postgres').ports).toEqual([]);
    expect(service('redis').ports).toEqual([]);
  });

  it('starts the portal once what it needs is healthy', () => {
    expect(service('portal').depends_on).toEqual({
      postgres: { condition: 'service_healthy' },
      redis: { condition: 'service_healthy' },
    });
    for (const name of ['postgres', 'redis']) expect(service(name).healthcheck, name).toBeDefined();
    expect(service('portal').build).toBe('.');
    expect(argumentsOf('HEALTHCHECK')).toHaveLength(1);
  });

  it('starts everything again that ends by itself', () => {
    for (const [name, { restart }] of Object.entries(services)) expect(restart, name).toBe('unless-stopped');
  });

  it('holds no secret: whoever runs it has to set one', () => {
    for (const { environment } of Object.values(services)) {
      for (const [name, value] of Object.entries(environment)) {
        if (/PASSWORD|SECRET|TOKEN|KEY/.test(name)) expect(value).toMatch(/^\$\{\w+:\?[^}]+\}$/);
        else expect(value).not.toContain('$');
      }
    }
  });

  it('gives the portal settings that it accepts', () => {
    const given = service('portal').environment;
    expect(settingNames).toEqual(expect.arrayContaining(Object.keys(given)));
    const password = 'from: the/environment';
    const config = readConfig({ ...given, POSTGRES_PASSWORD: password }, mkdtempSync(path.join(tmpdir(), 'compose-')));
    expect(config).toMatchObject({ production: true, listen: { host: '0.0.0.0', port: 8000 }, log: { json: true } });
    const database = new URL(config.database.url ?? '');
    const { POSTGRES_USER, POSTGRES_DB } = service('postgres').environment;
    expect(database.hostname).toBe('postgres');
    expect(database.username).toBe(POSTGRES_USER);
    expect(database.pathname).toBe(`/${POSTGRES_DB}`);
    expect(decodeURIComponent(database.password)).toBe(password);
  });

  it('is refused where BEHIND_LOOPBACK does not say that only this machine reaches it', () => {
    const { BEHIND_LOOPBACK: _, ...given } = service('portal').environment;
    expect(() => readConfig(given, tmpdir())).toThrow(/HOST/);
  });

  it('lets the portal write its own data and the models that it pulls, and nothing else', () => {
    expect(service('portal').volumes).toEqual(['data:/app/.data', './models:/app/models']);
    expect(argumentsOf('VOLUME')).toEqual(['["/app/.data", "/app/models"]']);
  });
});

describe('docker-compose.workers.yml', () => {
  const settingsOf = (environment: Record<string, string>) =>
    readConfig({ ...environment, POSTGRES_PASSWORD: 'secret' }, mkdtempSync(path.join(tmpdir(), 'compose-')));

  it('makes an API process of the portal, and adds workers around the same Postgres and Redis', () => {
    const api = settingsOf({ ...service('portal').environment, ...overlay.services.portal.environment });
    const added = settingsOf(worker?.environment ?? {});
    expect([api.role, added.role]).toEqual(['api', 'worker']);
    expect(added.database).toEqual(api.database);
    expect(added.redis).toEqual(api.redis);
    expect(added.redis.url).toBe('redis://redis:6379');
    expect(worker?.depends_on).toEqual(service('portal').depends_on);
    expect(worker?.restart).toBe(service('portal').restart);
  });

  it('publishes no worker, shares the models, and leaves each its own data', () => {
    expect(worker?.ports).toEqual([]);
    expect(worker?.volumes).toEqual(['/app/.data', './models:/app/models']);
  });

  it('holds no secret', () => {
    for (const [name, value] of Object.entries(worker?.environment ?? {})) {
      if (/PASSWORD|SECRET|TOKEN|KEY/.test(name)) expect(value).toMatch(/^\$\{\w+:\?[^}]+\}$/);
    }
  });
});

describe('Dockerfile', () => {
  it('copies only what exists and what .dockerignore lets in', () => {
    const sources = argumentsOf('COPY')
      .filter((args) => !args.startsWith('--from='))
      .flatMap((args) => args.split(' ').slice(0, -1));
    expect(sources.length).toBeGreaterThan(0);
    const admitted = readText('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'));
    expect(sources.map((source) => `!${source}`).sort()).toEqual(admitted.sort());
    expect(sources.filter((source) => !existsSync(path.join(root, source)))).toEqual([]);
  });

  it('lets nothing in by default, so that no data and no secret gets into the image', () => {
    const [first] = readText('.dockerignore')
      .split('\n')
      .filter((line) => !line.startsWith('#'));
    expect(first).toBe('*');
  });

  it('calls scripts that exist', () => {
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readText('package.json')));
    const called = argumentsOf('RUN').flatMap((args) =>
      [...args.matchAll(/npm run ([\w:]+)/g)].map((match) => match[1]),
    );
    expect(called).not.toEqual([]);
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(called));
  });

  it('runs the server, without setting anything up, as a user who owns nothing but its data', () => {
    const last = instructions.findLastIndex(({ name }) => name === 'FROM');
    const stage = instructions.slice(last).map(({ name, args }) => `${name} ${args}`);
    expect(stage).toContain('USER node');
    expect(stage.indexOf('USER node')).toBeGreaterThan(stage.findLastIndex((line) => line.startsWith('RUN')));
    expect(stage.at(-1)).toBe('CMD ["node", "--import", "tsx", "server/main.ts"]');
    expect(existsSync(path.join(root, 'server/main.ts'))).toBe(true);
  });

  it('asks the health page how it is', () => {
    expect(argumentsOf('HEALTHCHECK')[0]).toContain('http://127.0.0.1:8000/health');
  });

  it('builds and runs on one version of Node that package.json allows', () => {
    const versions = argumentsOf('FROM').map((args) => /^node:(\d+)-/.exec(args)?.[1]);
    expect(new Set(versions).size).toBe(1);
    expect(Number(versions[0])).toBeGreaterThanOrEqual(20);
  });
});

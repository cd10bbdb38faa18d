import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { spawnPortal } from '../testkit/portal-process.ts';
import { createTestDatabase } from '../testkit/postgres.ts';

const linesOf = (output: string) => output.trimEnd().split('\n');

async function databaseUrl(): Promise<string> {
  const { url, drop } = await createTestDatabase();
  onTestFinished(drop);
  return url;
}

describe('the portal as a process', () => {
  it('says in one line that its port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const env = { PORT: String(port), DATABASE_URL: await databaseUrl(), LOG_LEVEL: 'silent' };
    const portal = await spawnPortal(env);
    expect(await portal.exited).toBe(1);
    expect(linesOf(portal.output())).toEqual([expect.stringContaining(`Port ${port} is taken`)]);
  });

  it('names every bad setting, one a line, and ends with 78', async () => {
    const portal = await spawnPortal({ AUTH: 'on', PORT: 'http', TEMPERATURE: '9', HOST: '0.0.0.0' });
    expect(await portal.exited).toBe(78);
    const named = linesOf(portal.output()).map((line) => line.split(':')[0]);
    expect(named.sort()).toEqual(['AUTH', 'HOST', 'PORT', 'TEMPERATURE']);
  });

  it.each([{ AUTH: 'on' }, { HOST: '0.0.0.0' }, { HOST: '::' }])('refuses %o with 78', async (env) => {
    const portal = await spawnPortal(env as Record<string, string>);
    expect(await portal.exited).toBe(78);
    expect(linesOf(portal.output())).toHaveLength(1);
  });

  it('listens for a container that only this machine reaches, and ends with 0 when it is told to', async () => {
    const portal = await spawnPortal({
      APP_ENV: 'production',
      HOST: '0.0.0.0',
      PORT: '0',
      BEHIND_LOOPBACK: '1',
      DATABASE_URL: await databaseUrl(),
    });
    const [, url] = await portal.waitFor(/is at (http:\/\/[^"\s]+)/);
    const health = await fetch(`${url}/health`);
    expect(health.status).toBe(200);
    await portal.waitFor(/"msg":"ready"/);
    portal.kill('SIGTERM');
    expect(await portal.exited).toBe(0);
    for (const line of linesOf(portal.output())) expect(() => JSON.parse(line), line).not.toThrow();
  });
});

import { serverAudits } from 'graphql-http';
import { describe, expect, it } from 'vitest';
import { startPortal } from '../testkit/portal.ts';

describe('GraphQL over HTTP', () => {
  it('passes every audit of graphql-http', async () => {
    const { url } = await startPortal();
    const audits = serverAudits({ url: `${url}/graphql`, fetchFn: fetch });
    const results = await Promise.all(audits.map((audit) => audit.fn()));
    const unmet = results.filter((result) => result.status !== 'ok').map(({ name, status }) => `${status}: ${name}`);
    expect(audits.length).toBeGreaterThan(50);
    expect(unmet).toEqual([]);
  });
});

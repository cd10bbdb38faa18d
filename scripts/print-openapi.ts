import { writeFileSync } from 'node:fs';
import Fastify from 'fastify';
import { registerRest } from '../server/rest/rest.ts';

/** The routes without a portal behind them: nothing is asked of them but what they are. */
const app = Fastify();
await registerRest(app, {
  caller: () => Promise.reject(new Error('nobody asks')),
  streams: { count: () => {} },
  closing: new AbortController().signal,
});
await app.ready();
const answer = await app.inject('/api/v1/openapi.json');
writeFileSync('server/rest/openapi.json', `${JSON.stringify(answer.json(), null, 2)}\n`);

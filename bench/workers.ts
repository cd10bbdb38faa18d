import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { machine, median } from './machine.ts';
import { ask, graph, startSurroundings } from './processes.ts';

/**
 * Question: how much more do 2 and 4 workers answer than 1? Each has places for so many replies, and draws a token of each in a set
 * time without computing, as if it had a machine of its own: what is measured is whether the queue, the log and the
 * database let them. The baseline is one worker; perfect is the number of workers. With `--llama` each runs llama.cpp with one thread
 * instead, and shares the cores of this machine with the others.
 */
const { values: options } = parseArgs({
  options: {
    workers: { type: 'string', default: '1,2,4' },
    /** Replies a worker. */
    replies: { type: 'string', default: '24' },
    tokens: { type: 'string', default: '100' },
    everyMs: { type: 'string', default: '20' },
    places: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
    llama: { type: 'boolean', default: false },
  },
});
const [replies, tokens, rounds] = [options.replies, options.tokens, options.rounds].map(Number) as [
  number,
  number,
  number,
];
const counts = options.workers.split(',').map(Number);

const surroundings = await startSurroundings();
const env = { MODEL_SEQUENCES: options.places, TOKEN_MS: options.everyMs, MODEL_THREADS: '1', MODEL_GPU: 'false' };
const start = (role: string) =>
  options.llama
    ? surroundings.run('server/main.ts', { ...env, ROLE: role, LOG_LEVEL: 'info' })
    : surroundings.portal({ ...env, ROLE: role });
try {
  const api = await start('api');
  const rates = new Map<number, number[]>(counts.map((count) => [count, []]));
  for (let round = 0; round < rounds; round++) {
    for (const count of counts) {
      const workers = await Promise.all(Array.from({ length: count }, () => start('worker')));
      // The first messages are refused until the API process has seen a worker.
      while (!(await fetch(`${api.url}/health/deps`)).ok) await delay(100);
      await measure(api.url, count);
      rates.get(count)?.push(await measure(api.url, replies * count));
      await Promise.all(workers.map((worker) => worker.stop()));
    }
  }
  const engine = options.llama
    ? 'llama.cpp with 1 thread, random weights'
    : `a token each ${options.everyMs} ms, computing nothing`;
  console.log(
    `${engine}; ${options.places} places a worker, ${replies} replies of ${tokens} tokens a worker, ${rounds} rounds in turns; ${machine()}`,
  );
  const one = rates.get(counts[0] ?? 1) ?? [];
  for (const [count, measured] of rates) {
    const ratios = measured.map((rate, index) => rate / (one[index] ?? Number.NaN));
    console.log(
      `${count} ${count === 1 ? 'worker ' : 'workers'}: median ${median(measured).toFixed(0)} tokens/s, ratio to ${counts[0]}: ` +
        `median ${median(ratios).toFixed(2)}, each ${ratios.map((ratio) => ratio.toFixed(2)).join(' ')}`,
    );
  }
} finally {
  await surroundings.end();
}

/** Tokens a second, from the first question to the last end. */
async function measure(url: string, count: number): Promise<number> {
  const startedAt = performance.now();
  const ids: string[] = [];
  while (ids.length < count) {
    const more = Array.from({ length: Math.min(8, count - ids.length) }, (_, index) =>
      ask(url, `Reply ${ids.length + index}, ${startedAt}`, tokens),
    );
    ids.push(...(await Promise.all(more)));
  }
  const query = 'query ($id: ID!) { message(id: $id) { status receipt { completionTokens } } }';
  let drawn = 0;
  for (const id of ids) {
    for (;;) {
      const { message } = await graph<{ message: { status: string; receipt: { completionTokens: number } } }>(
        url,
        query,
        { id },
      );
      if (message.status === 'FAILED') throw new Error(`a reply failed: ${JSON.stringify(message)}`);
      if (message.status === 'COMPLETE') {
        drawn += message.receipt.completionTokens;
        break;
      }
      await delay(20);
    }
  }
  return (drawn * 1000) / (performance.now() - startedAt);
}

import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';
import { machine, median, processSeconds } from './machine.ts';
import { ask, graph, startSurroundings } from './processes.ts';

/**
 * Question: what does one reply cost the process that shows it to many, for each token and each subscriber? The baseline is a bare
 * ws server that makes each frame once and sends it to as many sockets; both run in turns, each as a process of its own whose
 * processor time the system counts. The cost without subscribers is told beside it, and not taken off.
 */
const { values: options } = parseArgs({
  options: {
    subscribers: { type: 'string', default: '500' },
    tokens: { type: 'string', default: '150' },
    /** From one token to the next; frames of one reply within 16 ms travel together. */
    everyMs: { type: 'string', default: '80' },
    rounds: { type: 'string', default: '3' },
  },
});
const [subscribers, tokens, rounds] = [options.subscribers, options.tokens, options.rounds].map(Number) as [
  number,
  number,
  number,
];
const query = 'subscription($i:ID!){replyEvents(messageId:$i){__typename seq...on ReplyText{offset text}}}';

interface Run {
  seconds: number;
  /** Frames that reached the subscribers. */
  frames: number;
}

const surroundings = await startSurroundings();
try {
  const portal = await surroundings.portal({ TOKEN_MS: options.everyMs });
  const bare = await surroundings.run('bench/bare-socket-server.ts', {
    TOKEN_MS: options.everyMs,
    TOKENS: `${tokens}`,
  });
  const shown: Run[] = [];
  const bareRuns: Run[] = [];
  const alone: Run[] = [];
  for (let round = 0; round < rounds; round++) {
    shown.push(await show(portal, subscribers));
    bareRuns.push(await send(bare));
    alone.push(await show(portal, 1));
  }
  const micros = (runs: readonly Run[]) => median(runs.map(({ seconds, frames }) => (seconds / frames) * 1e6));
  const each = (runs: readonly Run[]) =>
    runs.map(({ seconds, frames }) => ((seconds / frames) * 1e6).toFixed(1)).join(' ');
  console.log(`one reply of ${tokens} tokens to ${subscribers} subscribers, ${rounds} rounds in turns; ${machine()}`);
  console.log(`CPU a token and subscriber: median ${micros(shown).toFixed(1)} µs, each ${each(shown)}`);
  console.log(`  a bare ws server:         median ${micros(bareRuns).toFixed(1)} µs, each ${each(bareRuns)}`);
  console.log(`  ratio:                    ${(micros(shown) / micros(bareRuns)).toFixed(1)}`);
  console.log(
    `the whole reply with 1 subscriber: ${median(alone.map(({ seconds }) => seconds)).toFixed(2)} s of CPU, ${micros(alone).toFixed(0)} µs a token`,
  );
  console.log(`frames that arrived, of ${subscribers * tokens}: ${shown.map(({ frames }) => frames).join(' ')}`);
} finally {
  await surroundings.end();
}

async function show({ url, pid }: { url: string; pid: number }, count: number): Promise<Run> {
  await graph(url, '{ sessions(first: 1) { totalCount } }');
  let frames = 0;
  let finished = 0;
  // They subscribe while the reply waits for its first token, so that none begins late.
  const sockets = await Promise.all(Array.from({ length: count }, () => connect(url)));
  const id = await ask(url, `To ${count} subscribers, ${performance.now()}`, tokens);
  const before = processSeconds(pid);
  for (const socket of sockets) {
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      if (text.includes('ReplyText')) frames++;
      if (text.includes('ReplyFinished')) finished++;
    });
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables: { i: id } } }));
  }
  while (finished < count) await delay(50);
  const seconds = processSeconds(pid) - before;
  for (const socket of sockets) socket.terminate();
  return { seconds, frames };
}

async function connect(url: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init' }));
  await once(socket, 'message');
  return socket;
}

async function send({ url, pid }: { url: string; pid: number }): Promise<Run> {
  let frames = 0;
  const sockets = await Promise.all(
    Array.from({ length: subscribers }, async () => {
      const socket = new WebSocket(url.replace('http', 'ws'));
      await once(socket, 'open');
      return socket;
    }),
  );
  for (const socket of sockets) socket.on('message', () => frames++);
  const before = processSeconds(pid);
  sockets[0]?.send('begin');
  while (frames < subscribers * tokens) await delay(50);
  const seconds = processSeconds(pid) - before;
  for (const socket of sockets) socket.terminate();
  return { seconds, frames };
}

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
/** Tokens of a reply that nobody stops. */
const longest = 620;
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
  const perToken = ({ seconds }: Run, readers: number) => (seconds / (tokens * readers)) * 1e6;
  const tell = (what: string, values: readonly number[]) =>
    console.log(`${what} ${median(values).toFixed(1)} µs, each ${values.map((value) => value.toFixed(1)).join(' ')}`);
  const ours = shown.map((run) => perToken(run, subscribers));
  const baseline = bareRuns.map((run) => perToken(run, subscribers));
  const once = alone.map((run) => perToken(run, 1));
  console.log(`${tokens} tokens of one reply to ${subscribers} subscribers, ${rounds} rounds in turns; ${machine()}`);
  tell('CPU a token and subscriber: median', ours);
  tell('  a bare ws server:         median', baseline);
  console.log(`  ratio:                    ${(median(ours) / median(baseline)).toFixed(1)}`);
  tell(
    'CPU a frame that was sent:  median',
    shown.map(({ seconds, frames }) => (seconds / frames) * 1e6),
  );
  console.log(
    `  frames a token:           ${(median(shown.map(({ frames }) => frames)) / (tokens * subscribers)).toFixed(2)}`,
  );
  tell('CPU a token, 1 subscriber (drawing and saving included): median', once);
} finally {
  await surroundings.end();
}

/** Frames and processor time while `tokens` are drawn, once everybody follows. */
async function show({ url, pid }: { url: string; pid: number }, count: number): Promise<Run> {
  const sockets: WebSocket[] = [];
  let frames = 0;
  const following = new Set<WebSocket>();
  const id = await ask(url, `To ${count} subscribers, ${performance.now()}`, longest);
  while (sockets.length < count) {
    // Each begins with a look at the database; all at once they would wait for its few connections.
    const more = await Promise.all(Array.from({ length: Math.min(20, count - sockets.length) }, () => connect(url)));
    sockets.push(...more);
    for (const socket of more) {
      socket.on('message', (data: Buffer) => {
        const text = data.toString();
        if (text.includes('"error"')) throw new Error(text);
        if (!text.includes('ReplyText')) return;
        frames++;
        following.add(socket);
      });
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables: { i: id } } }));
    }
    while (following.size < sockets.length) await delay(20);
  }
  const [secondsBefore, framesBefore] = [processSeconds(pid), frames];
  await delay(tokens * Number(options.everyMs));
  const run = { seconds: processSeconds(pid) - secondsBefore, frames: frames - framesBefore };
  await graph(url, 'mutation ($id: ID!) { stopReply(id: $id) { id } }', { id });
  for (const socket of sockets) socket.terminate();
  return run;
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

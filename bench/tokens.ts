import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { buildApp } from '../server/app.ts';
import { type Config, readConfig } from '../server/config.ts';
import type { BareRun, Figures } from './bare-loop.ts';
import { benchModel } from './models.ts';

/**
 * Question: what does the portal add to the model? Tokens per second and time to first token as a subscriber of
 * `replyEvents` sees them, beside the same model in a bare node-llama-cpp loop, in turns, in one run.
 */
const { values: options } = parseArgs({
  options: {
    /** A GGUF file; without one, random weights in the shape of `--shape`. */
    model: { type: 'string' },
    shape: { type: 'string', default: 'half' },
    rounds: { type: 'string', default: '5' },
    tokens: { type: 'string', default: '64' },
    threads: { type: 'string', default: '1' },
  },
});

const question = 'Tell me a long story about a lighthouse, a storm and the people who lived there. '.repeat(4);
const rounds = Number(options.rounds);
const maxTokens = Number(options.tokens);

const { path: model } = await benchModel({ ...options, shape: options.shape });

const folder = await mkdtemp(path.join(tmpdir(), 'bench-'));
// Run by root, Postgres has an account of its own, which must get to its data.
await chmod(folder, 0o755);
const config = readConfig(
  {
    PORT: '0',
    DATA_DIR: folder,
    MODELS_DIR: path.dirname(model),
    MODEL: path.basename(model, '.gguf'),
    MODEL_SEQUENCES: '1',
    MODEL_THREADS: options.threads,
    MODEL_GPU: 'false',
    LOG_LEVEL: 'error',
  },
  folder,
);

const portal = await measuredPortal(config);
const bare = await measuredLoop({
  model,
  threads: Number(options.threads),
  contextSize: 4096,
  prompt: `<|im_start|>system\n${config.replies.systemPrompt}<|im_end|>\n<|im_start|>user\n${question}<|im_end|>\n<|im_start|>assistant\n`,
  maxTokens,
});

try {
  await portal.run();
  await bare.run();
  const pairs: { ours: Figures; theirs: Figures }[] = [];
  for (let round = 0; round < rounds; round++) pairs.push({ ours: await portal.run(), theirs: await bare.run() });
  report(pairs);
} finally {
  bare.stop();
  await portal.stop();
  await rm(folder, { recursive: true, force: true });
}

function report(pairs: readonly { ours: Figures; theirs: Figures }[]): void {
  console.log(
    `${path.basename(model)}, ${options.threads} threads, ${cpus()[0]?.model ?? 'unknown processor'}, ${rounds} rounds in turns`,
  );
  console.log('                          portal      bare     ratio (median)   ratio (best)');
  for (const [name, figure, better] of [
    ['tokens per second', 'tokensPerSecond', Math.max],
    ['ms to first token', 'timeToFirstTokenMs', Math.min],
  ] as const) {
    const ours = pairs.map((pair) => pair.ours[figure]);
    const theirs = pairs.map((pair) => pair.theirs[figure]);
    const ratios = pairs.map((pair) => pair.ours[figure] / pair.theirs[figure]);
    const best = better(...ours) / better(...theirs);
    console.log(
      `${name.padEnd(22)} ${median(ours).toFixed(1).padStart(9)} ${median(theirs).toFixed(1).padStart(9)} ` +
        `${median(ratios).toFixed(3).padStart(12)} ${best.toFixed(3).padStart(15)}`,
    );
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** A whole portal, asked as the web app asks. */
async function measuredPortal(settings: Config) {
  const app = await buildApp(settings);
  await app.start();
  await app.whenReady();
  const client = createClient({
    url: `${app.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    generateID: () => `${++operations}`,
  });
  let operations = 0;

  async function one<Data>(query: string, variables: Record<string, unknown>): Promise<Data> {
    for await (const { data, errors } of client.iterate<Data>({ query, variables })) {
      if (errors) throw new Error(JSON.stringify(errors));
      if (data) return data;
    }
    throw new Error('no answer');
  }

  return {
    async run(): Promise<Figures> {
      const { createSession } = await one<{ createSession: { id: string } }>('mutation { createSession { id } }', {});
      const startedAt = performance.now();
      const { sendMessage } = await one<{ sendMessage: { reply: { id: string } } }>(
        'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { reply { id } } }',
        { input: { sessionId: createSession.id, content: question, generation: { maxTokens, repeatPenalty: 1 } } },
      );
      const events = client.iterate<{
        replyEvents: { __typename: string; message?: { receipt: { completionTokens: number } } };
      }>({
        query:
          'subscription ($id: ID!) { replyEvents(messageId: $id) { __typename seq ... on ReplyText { offset text } ' +
          '... on ReplyFinished { message { receipt { completionTokens } } } } }',
        variables: { id: sendMessage.reply.id },
      });
      let firstAt = 0;
      let count = 0;
      for await (const { data } of events) {
        if (data?.replyEvents.__typename === 'ReplyText') firstAt ||= performance.now();
        count = data?.replyEvents.message?.receipt.completionTokens ?? count;
      }
      return {
        timeToFirstTokenMs: firstAt - startedAt,
        tokensPerSecond: (count - 1) / ((performance.now() - firstAt) / 1000),
      };
    },
    async stop() {
      await client.dispose();
      await app.stop();
    },
  };
}

async function measuredLoop(run: BareRun) {
  const child: ChildProcess = fork(path.join(import.meta.dirname, 'bare-loop.ts'), {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, UV_THREADPOOL_SIZE: '1' },
  });
  child.send(run);
  await once(child, 'message');
  return {
    async run(): Promise<Figures> {
      child.send('again');
      const [figures] = await once(child, 'message');
      return figures as Figures;
    },
    stop: () => child.kill(),
  };
}

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { buildApp } from '../server/app.ts';
import { type Config, readConfig } from '../server/config.ts';
import { createLlamaEngine } from '../server/inference/llama/llama-engine.ts';
import { createLogger } from '../server/logger.ts';
import type { BareRun, Figures } from './bare-loop.ts';
import { machine, median, processSeconds } from './machine.ts';
import { benchModel } from './models.ts';

/**
 * Question: what does the portal add to the model? Tokens per second, time to first token and processor time a token, as
 * subscribers of `replyEvents` have them, beside the same model in a bare node-llama-cpp loop, in turns, in one run. The
 * subscribers' own work is counted with the portal's.
 */
const { values: options } = parseArgs({
  options: {
    /** A GGUF file; without one, random weights in the shape of `--shape`. */
    model: { type: 'string' },
    shape: { type: 'string', default: 'half' },
    rounds: { type: 'string', default: '5' },
    tokens: { type: 'string', default: '64' },
    /** Of both; `rule` leaves the portal's to its rule, and gives the loop all cores. */
    threads: { type: 'string', default: '1' },
    streams: { type: 'string', default: '1' },
  },
});

const question = 'Tell me a long story about a lighthouse, a storm and the people who lived there. '.repeat(4);
const rounds = Number(options.rounds);
const maxTokens = Number(options.tokens);
const streams = Number(options.streams);
const byRule = options.threads === 'rule';
const model = await benchModel({ ...options, shape: options.shape });

const folder = await mkdtemp(path.join(tmpdir(), 'bench-'));
// Run by root, Postgres has an account of its own, which must get to its data.
await chmod(folder, 0o755);
const config = readConfig(
  {
    PORT: '0',
    DATA_DIR: folder,
    MODELS_DIR: path.dirname(model.path),
    MODEL: model.name,
    MODEL_SEQUENCES: options.streams,
    MODEL_THREADS: byRule ? '' : options.threads,
    MODEL_CONTEXT: '2048',
    MODEL_GPU: 'false',
    LOG_LEVEL: 'error',
  },
  folder,
);

const portal = await measuredPortal(config);
const bare = await measuredLoop({
  model: model.path,
  threads: byRule ? availableParallelism() : Number(options.threads),
  contextSize: 2048,
  streams,
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
    `${model.name}, ${streams} streams, threads: ${options.threads}, ${machine()}, ${rounds} rounds in turns`,
  );
  console.log('                               portal      bare     ratio (median)   ratio (best)');
  for (const [name, figure, better] of [
    ['tokens per second', 'tokensPerSecond', Math.max],
    ['ms to first token', 'timeToFirstTokenMs', Math.min],
    ['CPU ms a token, model', 'computingMs', Math.min],
    ['CPU ms a token, others', 'handingOnMs', Math.min],
  ] as const) {
    const ours = pairs.map((pair) => pair.ours[figure]);
    const theirs = pairs.map((pair) => pair.theirs[figure]);
    const ratios = pairs.map((pair) => pair.ours[figure] / pair.theirs[figure]);
    const best = better(...ours) / better(...theirs);
    const ratio = (value: number) => (Number.isFinite(value) ? value.toFixed(3) : '');
    console.log(
      `${name.padEnd(26)} ${median(ours).toFixed(2).padStart(9)} ${median(theirs).toFixed(2).padStart(9)} ` +
        `${ratio(median(ratios)).padStart(12)} ${ratio(best).padStart(15)}`,
    );
  }
}

/** A whole portal, asked as the web app asks. */
async function measuredPortal(settings: Config) {
  const logger = createLogger(settings.log);
  const sharedSystemPrompt = settings.replies.systemPrompt;
  const engine = createLlamaEngine({ config: settings.models, sharedSystemPrompt, logger });
  const app = await buildApp(settings, { engine, logger });
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

  async function answer(onText: () => void): Promise<number> {
    const { createSession } = await one<{ createSession: { id: string } }>('mutation { createSession { id } }', {});
    const { sendMessage } = await one<{ sendMessage: { reply: { id: string } } }>(
      'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { reply { id } } }',
      {
        input: {
          sessionId: createSession.id,
          content: question,
          cache: 'BYPASS',
          generation: { maxTokens, repeatPenalty: 1 },
        },
      },
    );
    const events = client.iterate<{
      replyEvents: { __typename: string; message?: { receipt: { completionTokens: number } } };
    }>({
      query:
        'subscription ($id: ID!) { replyEvents(messageId: $id) { __typename seq ... on ReplyText { offset text } ' +
        '... on ReplyFinished { message { receipt { completionTokens } } } } }',
      variables: { id: sendMessage.reply.id },
    });
    let count = 0;
    for await (const { data } of events) {
      if (data?.replyEvents.__typename === 'ReplyText') onText();
      count = data?.replyEvents.message?.receipt.completionTokens ?? count;
    }
    return count;
  }

  return {
    async run(): Promise<Figures> {
      const startedAt = performance.now();
      const [cpuBefore, childBefore] = [process.cpuUsage(), processSeconds(engine.childPid())];
      let firstAt = 0;
      const onText = () => {
        firstAt ||= performance.now();
      };
      const counts = await Promise.all(Array.from({ length: streams }, () => answer(onText)));
      const count = counts.reduce((sum, tokens) => sum + tokens, 0);
      const { user, system } = process.cpuUsage(cpuBefore);
      return {
        timeToFirstTokenMs: firstAt - startedAt,
        tokensPerSecond: (count - streams) / ((performance.now() - firstAt) / 1000),
        computingMs: ((processSeconds(engine.childPid()) - childBefore) * 1000) / count,
        handingOnMs: (user + system) / 1000 / count,
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

/** Asks the built-in guide what its training never saw: `npm run model:eval [-- --model FILE]`. Exits with 1 where a goal is missed. */
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { readConfig } from '../server/config.ts';
import type { Engine, PromptMessage } from '../server/inference/engine.ts';
import { createLlamaEngine } from '../server/inference/llama/llama-engine.ts';
import { createNameCheck } from './model-eval/names.ts';
import { type Question, readQuestions } from './model-eval/questions.ts';

const goals = { known: 0.9, unknown: 0.95, recalled: 0.85 } as const;
const labels = { known: 'answered right', unknown: 'declined', recalled: 'recalled' } as const;
const sampling = { temperature: 0, topP: 1, topK: 0, minP: 0, repeatPenalty: 1, seed: 1 };
const atOnce = 4;
const noStates = { dir: path.join(tmpdir(), 'no-states'), maxBytes: 0 };

const root = path.join(import.meta.dirname, '..');
const { values } = parseArgs({
  options: { model: { type: 'string', default: path.join(root, 'models/pocket-guide.gguf') } },
});
const config = readConfig({}, root);
const model = { name: 'guide', path: path.resolve(values.model) };
const engine = createLlamaEngine({
  config: { ...config.models, threads: 1, sequences: atOnce, contextLength: 1024, gpu: false, states: noStates },
  sharedSystemPrompt: config.replies.systemPrompt,
  logger: pino({ level: 'warn' }),
});
const findInvented = await createNameCheck();
const questions = await readQuestions(config.replies.systemPrompt);

interface Result {
  question: Question;
  answer: string;
  right: boolean;
  invented: string[];
}

engine.start();
try {
  report(await askAll(questions));
} finally {
  await engine.stop();
}

async function askAll(waiting: readonly Question[]): Promise<Result[]> {
  const queue = [...waiting.entries()];
  const results: Result[] = [];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [index, question] = next;
        results[index] = await judge(engine, question, index);
      }
    }),
  );
  return results;
}

async function judge(engine: Engine, question: Question, index: number): Promise<Result> {
  const messages: PromptMessage[] = question.system === null ? [] : [{ role: 'system', content: question.system }];
  let answer = '';
  const invented: string[] = [];
  for (const content of question.turns) {
    messages.push({ role: 'user', content });
    answer = await answerTo(engine, messages, index);
    messages.push({ role: 'assistant', content: answer });
    invented.push(...findInvented(answer, `${question.system} ${question.turns.join(' ')}`));
  }
  const has = (text: string) => answer.toLowerCase().includes(text.toLowerCase());
  const right = question.all.every((choices) => choices.some(has)) && !question.not.some(has);
  return { question, answer, right, invented };
}

async function answerTo(engine: Engine, messages: readonly PromptMessage[], index: number): Promise<string> {
  let text = '';
  const request = { model, conversation: `question ${index}`, messages: [...messages], sampling, maxTokens: 200 };
  for await (const event of engine.generate(request, AbortSignal.timeout(120_000))) {
    if (event.type === 'text') text += event.text;
  }
  return text;
}

function report(results: readonly Result[]): void {
  for (const { question, answer, right } of results) {
    if (!right)
      console.log(`${question.kind}: ${question.turns.join(' / ')}\n    ${answer.replaceAll('\n', '\n    ')}`);
  }
  console.log(`\n${results.length} questions that training never saw, at temperature 0`);
  for (const kind of ['known', 'unknown', 'recalled'] as const) {
    const asked = results.filter(({ question }) => question.kind === kind);
    const share = asked.filter(({ right }) => right).length / asked.length;
    const reached = share >= goals[kind];
    if (!reached) process.exitCode = 1;
    console.log(
      `${labels[kind].padEnd(15)} ${percent(share).padStart(7)} of ${asked.length}   goal ${percent(goals[kind])}${reached ? '' : '   missed'}`,
    );
  }
  const invented = results.flatMap((result) => result.invented);
  if (invented.length > 0) process.exitCode = 1;
  console.log(
    `invented names  ${String(invented.length).padStart(7)}            goal 0   ${[...new Set(invented)].join(' ')}`,
  );
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

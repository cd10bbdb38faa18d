import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { benchEngine, generate, sampling } from './engine.ts';
import { machine, median, processSeconds, usedSeconds } from './machine.ts';
import { benchModel } from './models.ts';

/**
 * Question: with how many threads does a model run, on a machine that does something else too? Tokens per second of one reply
 * by threads, and by the rule (`MODEL_THREADS` unset), idle and beside other load, in turns, in one run. What is busy
 * beside both is printed: figures taken on a machine that others use are worth less.
 */
const { values: options } = parseArgs({
  options: {
    model: { type: 'string' },
    shape: { type: 'string', default: 'half' },
    rounds: { type: 'string', default: '3' },
    /** Of one measurement. */
    seconds: { type: 'string', default: '6' },
  },
});

const cores = availableParallelism();
const settings: (number | null)[] = [...new Set([1, cores >> 1, cores - 1, cores])].filter((count) => count > 0);
settings.push(null);
/** Shares of a core that one process each uses. */
const loads: { name: string; shares: number[] }[] = [
  { name: 'nothing', shares: [] },
  { name: 'half a core', shares: [0.5] },
  { name: 'one core', shares: [1] },
];

const model = await benchModel({ ...options, shape: options.shape });
const cells = new Map<string, { speeds: number[]; foreign: number[] }>();

for (let round = 0; round < Number(options.rounds); round++) {
  for (const { name, shares } of loads) {
    const busy = shares.map(startLoad);
    try {
      for (const threads of settings) {
        const cell = cells.get(`${name} ${threads}`) ?? { speeds: [], foreign: [] };
        cells.set(`${name} ${threads}`, cell);
        const { speed, foreign } = await measure(threads, shares);
        console.error(
          `round ${round + 1}, beside ${name}, ${threads ?? 'rule'}: ${speed.toFixed(1)} (${foreign.toFixed(2)})`,
        );
        cell.speeds.push(speed);
        cell.foreign.push(foreign);
      }
    } finally {
      for (const child of busy) child.kill();
    }
  }
}

console.log(`${model.name}, ${machine()}, ${options.rounds} rounds in turns: tokens per second, median (best)`);
const heads = settings.map((threads) => (threads === null ? 'by the rule' : `${threads} threads`).padStart(16));
console.log(`${'beside'.padEnd(14)}${heads.join('')}   others, cores`);
for (const { name } of loads) {
  const row = settings.map((threads) => cells.get(`${name} ${threads}`) ?? { speeds: [], foreign: [] });
  const speeds = row.map((cell) => `${median(cell.speeds).toFixed(1)} (${Math.max(...cell.speeds).toFixed(1)})`);
  const foreign = median(row.flatMap((cell) => cell.foreign)).toFixed(2);
  console.log(`${name.padEnd(14)}${speeds.map((speed) => speed.padStart(16)).join('')}   ${foreign}`);
}

/** One reply, after one that warms up; and how many cores were busy with neither it nor our load. */
async function measure(threads: number | null, shares: readonly number[]) {
  const engine = benchEngine({ threads, sequences: 1, contextLength: 1024 });
  try {
    const messages = [{ role: 'user' as const, content: 'Tell me a long story about a lighthouse.' }];
    const request = { model, conversation: 'one', messages, sampling };
    await generate(engine, { ...request, maxTokens: 4 });
    const [used, own, at] = [usedSeconds(), processSeconds(engine.childPid()), performance.now()];
    const time = AbortSignal.timeout(Number(options.seconds) * 1000);
    const { tokensPerSecond } = await generate(engine, { ...request, maxTokens: 900 }, time);
    const seconds = (performance.now() - at) / 1000;
    const others = (usedSeconds() - used - (processSeconds(engine.childPid()) - own)) / seconds;
    return {
      speed: Math.max(0, tokensPerSecond),
      foreign: Math.max(0, others - shares.reduce((sum, share) => sum + share, 0)),
    };
  } finally {
    await engine.stop();
  }
}

function startLoad(share: number): ChildProcess {
  const script = `const share = ${share}; (function turn() { const end = performance.now() + 10 * share;
    while (performance.now() < end); share < 1 ? setTimeout(turn, 10 * (1 - share)) : setImmediate(turn); })();`;
  return spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
}

import { availableParallelism, loadavg } from 'node:os';
import fc from 'fast-check';

/** Rounds of faults of each kind: `FAULT_ROUNDS`, few unless asked for. */
export const faultRounds = Number(process.env.FAULT_ROUNDS ?? 5);

/** What the rounds are drawn from: `FAULT_SEED`, another one in each run. */
export const seed = Number(process.env.FAULT_SEED ?? Date.now() % 2 ** 31);

/** A plan for each round; the seed is printed, so that the same can be played again. */
export function planRounds<Plan>(name: string, plan: fc.Arbitrary<Plan>, rounds = faultRounds): Plan[] {
  console.log(`${name}: ${rounds} rounds, FAULT_SEED=${seed}`);
  return fc.sample(plan, { numRuns: rounds, seed });
}

/** Lets each worker take the next plan until none is left. */
export async function shareOut<Plan>(
  plans: readonly Plan[],
  workers: number,
  work: (next: () => Plan | undefined) => Promise<void>,
): Promise<void> {
  const waiting = [...plans];
  await Promise.all(Array.from({ length: Math.min(workers, plans.length) }, () => work(() => waiting.shift())));
}

/** A promised time on a machine as busy as this one is: twice the work for each core takes twice as long. */
export function patient(promisedMs: number): number {
  return promisedMs * Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());
}

/** Figures of many rounds, for people. */
export function createFigures() {
  const figures = new Map<string, number[]>();
  return {
    add(name: string, value: number): void {
      figures.set(name, [...(figures.get(name) ?? []), value]);
    },
    print(title: string): void {
      const lines = [...figures].map(([name, values]) => {
        const sorted = values.toSorted((a, b) => a - b);
        const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
        return `  ${name}: worst ${Math.round(sorted.at(-1) ?? 0)}, median ${Math.round(median)} (${values.length} times)`;
      });
      console.log([title, ...lines].join('\n'));
    },
  };
}

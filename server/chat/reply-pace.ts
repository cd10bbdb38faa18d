import type { Logger } from '../logger.ts';
import type { Database } from '../stores/database.ts';
import type { Pace, UnderWay } from './wait-estimate.ts';

/** What one reply tells of its course. */
export interface RunPace {
  read(done: number, total: number): void;
  drew(tokens: number): void;
  /** It came to an end of its own, or was stopped: as long as this are answers. */
  ended(): void;
  /** It no longer runs here, whatever the reason. */
  left(): void;
}

interface Measures {
  /** By the number of replies that ran. */
  gaps: Map<number, Average>;
  /** From before this process ran. */
  gapBefore: number | null;
  readMs: Average;
  prompts: number[];
  answers: number[];
}

interface Run extends Pick<UnderWay, 'drawn' | 'maxTokens' | 'unread'> {
  measures: Measures;
  /** Where its prompt stood when it was first heard of. */
  readFrom: { at: number; done: number } | null;
  lastTokenAt: number | null;
}

const remembered = 32;
/** Among so many of the newest replies those of the model are looked for. */
const receiptsRead = 200;
/** Weight of the newest of all measurements. */
const newest = 0.05;
/** A machine that slept tells nothing of its speed. */
const longestGapMs = 60_000;

export type ReplyPace = ReturnType<typeof createReplyPace>;

/**
 * Measures how fast each model writes on this machine, from the replies that run here. After a restart the receipts of the
 * last replies stand in until new ones run.
 */
export function createReplyPace({ db, logger }: { db: Database; logger: Logger }) {
  const now = () => performance.now();
  const models = new Map<string, Measures>();
  const runs = new Map<string, Run>();
  let current: Measures | null = null;

  function measuresOf(model: string): Measures {
    const known = models.get(model);
    if (known !== undefined) return known;
    const measures: Measures = {
      gaps: new Map(),
      gapBefore: null,
      readMs: createAverage(),
      prompts: [],
      answers: [],
    };
    models.set(model, measures);
    // Nobody waits for it, and no reply fails over it.
    addReceipts(db, model, measures).catch((error: unknown) => {
      logger.warn({ err: error }, 'the pace of earlier replies could not be read');
    });
    return measures;
  }

  return {
    /** Reports of a reply that is about to run with this model. */
    run(messageId: string, model: string, { drawn, maxTokens }: { drawn: number; maxTokens: number }): RunPace {
      const measures = measuresOf(model);
      current = measures;
      const run: Run = { measures, drawn, maxTokens, unread: null, readFrom: null, lastTokenAt: null };
      runs.set(messageId, run);
      return {
        read(done, total) {
          run.readFrom ??= { at: now(), done };
          run.unread = total - done;
          const count = done - run.readFrom.done;
          if (run.unread > 0 || count <= 0) return;
          measures.readMs.add((now() - run.readFrom.at) / count);
          remember(measures.prompts, count);
        },
        drew(tokens) {
          const [at, before] = [now(), run.lastTokenAt];
          run.unread = 0;
          run.drawn += tokens;
          run.lastTokenAt = at;
          if (before === null || tokens === 0 || at - before > longestGapMs) return;
          averageAt(measures.gaps, runs.size).add((at - before) / tokens);
        },
        ended() {
          if (run.drawn > 0) remember(measures.answers, run.drawn);
        },
        left() {
          if (runs.get(messageId) === run) runs.delete(messageId);
        },
      };
    },

    /** What a reply that was taken is known to have before it; null before its model is at it. */
    underWay(messageId: string): Omit<UnderWay, 'alone'> | null {
      return runs.get(messageId) ?? null;
    },

    /** The pace of the model that ran last with so many beside one another; null until something was measured. */
    of(places: number): Pace | null {
      if (current === null || current.answers.length === 0) return null;
      const gapMs = gapAt(current, places);
      if (gapMs === null) return null;
      const { prompts, answers } = current;
      return { gapMs, readMs: current.readMs.value() ?? 0, prompts: prompts.length > 0 ? prompts : [0], answers };
    },
  };
}

/** Measured at this many, else nearest to it, as if the machine wrote as many tokens a second together. */
function gapAt({ gaps, gapBefore }: Measures, places: number): number | null {
  let nearest: number | null = null;
  for (const count of gaps.keys()) {
    if (nearest === null || Math.abs(count - places) < Math.abs(nearest - places)) nearest = count;
  }
  const measured = nearest === null ? null : (gaps.get(nearest)?.value() ?? null);
  return nearest === null || measured === null ? gapBefore : (measured * places) / nearest;
}

/** What earlier replies took, behind whatever was measured meanwhile. */
async function addReceipts(db: Database, model: string, measures: Measures): Promise<void> {
  const receipts = await db.reply.findMany({
    where: { endedAt: { not: null } },
    orderBy: { messageId: 'desc' },
    take: receiptsRead,
    select: {
      modelName: true,
      promptTokens: true,
      reusedTokens: true,
      completionTokens: true,
      timeToFirstTokenMs: true,
      tokensPerSecond: true,
    },
  });
  const own = receipts
    .filter(({ modelName }) => modelName === model)
    .slice(0, remembered)
    .reverse();
  const gap = createAverage();
  const prompts: number[] = [];
  const answers: number[] = [];
  for (const { promptTokens, reusedTokens, completionTokens, timeToFirstTokenMs, tokensPerSecond } of own) {
    const read = (promptTokens ?? 0) - (reusedTokens ?? 0);
    if (read > 0 && timeToFirstTokenMs !== null) {
      prompts.push(read);
      measures.readMs.add(timeToFirstTokenMs / read);
    }
    if (completionTokens !== null && completionTokens > 0) answers.push(completionTokens);
    if (tokensPerSecond !== null && tokensPerSecond > 0) gap.add(1000 / tokensPerSecond);
  }
  measures.gapBefore = gap.value();
  measures.prompts.unshift(...prompts);
  measures.answers.unshift(...answers);
}

interface Average {
  add(value: number): void;
  value(): number | null;
}

/** Of all values where they are few, then of the newest. */
function createAverage(): Average {
  let average: number | null = null;
  let count = 0;
  return {
    add(value) {
      count++;
      average = average === null ? value : average + (value - average) * Math.max(newest, 1 / count);
    },
    value: () => average,
  };
}

function averageAt(averages: Map<number, Average>, count: number): Average {
  const average = averages.get(count) ?? createAverage();
  averages.set(count, average);
  return average;
}

function remember(values: number[], value: number): void {
  values.push(value);
  values.splice(0, values.length - remembered);
}

import { setMaxListeners } from 'node:events';
import { type Completions, createCompletions } from './chat/completions.ts';
import { createEmbeddings, type Embeddings } from './chat/embeddings.ts';
import type { ForgottenConversations } from './chat/forgotten-conversations.ts';
import { createReplyOwners } from './chat/reply-owners.ts';
import { createReplyPace } from './chat/reply-pace.ts';
import { createReplyQueue } from './chat/reply-queue.ts';
import type { ReplyRunParts } from './chat/reply-run.ts';
import { createReplyRunner } from './chat/reply-runner.ts';
import { createTurns } from './chat/turns.ts';
import { createWorkerAnnouncement } from './chat/workers/worker-announcement.ts';
import { createWorkerDesk } from './chat/workers/worker-desk.ts';
import { createWorkerDirectory } from './chat/workers/worker-directory.ts';
import type { Config } from './config.ts';
import type { Catalog } from './inference/catalog.ts';
import type { Downloads } from './inference/downloads.ts';
import type { Calls } from './stores/calls.ts';
import type { DatabaseServer } from './stores/database.ts';
import type { Metrics } from './telemetry/metrics.ts';
import type { Usage } from './telemetry/usage.ts';

interface Parts extends Omit<ReplyRunParts, 'closing' | 'config' | 'metrics' | 'pace' | 'turns'> {
  config: Config;
  /** The name of this process. */
  owner: string;
  databaseServer: Pick<DatabaseServer, 'holdOwnerLock'>;
  catalog: Catalog;
  downloads: Downloads;
  forgotten: ForgottenConversations;
  usage: Usage;
  metrics: Metrics;
  memoryBytes: () => number;
  /** Null where nobody else can ask. */
  calls: Calls | null;
}

/** What a process does with the models that it holds: it takes replies, and answers those that hold none. */
export interface Workroom {
  completions: Completions;
  embeddings: Embeddings;
  start(): void;
  /** Takes nothing more, gives what runs `graceMs` to end, then saves it for whoever comes next. */
  stop(graceMs: number): Promise<void>;
}

export function createWorkroom(parts: Parts): Workroom {
  const { config, db, owner, databaseServer, engine, catalog, downloads, usage, calls, logger } = parts;
  const { sequences, embedding } = config.models;
  const mostWaiting = config.replies.queueMax;
  // Half of the places at most: the chat's own replies always have the others.
  const turns = createTurns({ places: Math.max(1, Math.floor(sequences / 2)), mostWaiting });
  const embeddingTurns = createTurns({ places: 1, mostWaiting });
  const completions = createCompletions({ ...parts, turns, config: config.replies });
  const embeddings = createEmbeddings({
    engine,
    catalog,
    turns: embeddingTurns,
    usage,
    config: config.replies,
    modelName: embedding,
  });
  const runner = createReplyRunner({
    ...parts,
    queue: createReplyQueue({ db, owner }),
    owners: createReplyOwners({ db, owner }),
    pace: createReplyPace({ db, logger }),
    turns,
    config: config.replies,
    concurrency: sequences,
  });
  const announcement = createWorkerAnnouncement({
    directory: createWorkerDirectory({ db }),
    owner,
    places: sequences,
    engine,
    catalog,
    embeddings,
    memoryBytes: parts.memoryBytes(),
    logger,
  });
  const desk = createWorkerDesk({
    engine,
    catalog,
    downloads,
    completions,
    embeddings,
    turns,
    embeddingTurns,
    announce: announcement.now,
  });
  /** Aborts when nothing more is taken. */
  const closing = new AbortController();
  /** Aborts when nothing runs any more. */
  const gone = new AbortController();
  setMaxListeners(0, closing.signal, gone.signal);
  let loops: Promise<unknown> = Promise.resolve();
  let answering: { close(): Promise<void> } | null = null;

  return {
    completions,
    embeddings,
    start() {
      // A portal that shares nothing with others has nobody to tell.
      const isAlone = calls === null && config.role === 'all';
      loops = Promise.all([
        databaseServer.holdOwnerLock(owner, gone.signal),
        parts.forgotten.tell(engine, gone.signal),
        isAlone ? null : announcement.keepUp(closing.signal),
      ]);
      answering = calls?.answer(owner, desk) ?? null;
      runner.start();
    },
    async stop(graceMs) {
      closing.abort();
      await Promise.all([runner.stop(graceMs), answering?.close()]);
      gone.abort();
      await loops;
    },
  };
}

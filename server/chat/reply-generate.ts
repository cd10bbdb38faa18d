import type { Config } from '../config.ts';
import { PortalError } from '../errors.ts';
import { type Engine, EngineError, type EngineEvent } from '../inference/engine.ts';
import type { Database } from '../stores/database.ts';
import { readBranch } from './branches.ts';
import { charactersWorthReading, fitContextWindow } from './context-window.ts';
import { effectiveGeneration } from './generation.ts';
import { type Models, modelKey } from './models.ts';
import type { Claim, Receipt, ReplyClaims } from './reply-claims.ts';
import type { ReplyDraft } from './reply-draft.ts';
import type { ReplyPace, RunPace } from './reply-pace.ts';

export interface GenerateParts {
  db: Database;
  engine: Engine;
  models: Models;
  claims: Pick<ReplyClaims, 'describe'>;
  pace: ReplyPace;
  config: Config['replies'];
}

const maxTries = 3;

/**
 * Lets the model write one reply, from what its draft holds to its end; fills the receipt. `onBegun` is called once the engine
 * has begun with it. Throws what the machines throw, and a PortalError where the reply cannot run.
 */
export async function generateReply(
  { db, engine, models, claims, pace, config }: GenerateParts,
  claim: Claim,
  draft: ReplyDraft,
  receipt: Receipt,
  signal: AbortSignal,
  onBegun: () => void,
): Promise<'stop' | 'length' | 'cancelled'> {
  const reply = await db.reply.findUniqueOrThrow({
    where: { messageId: claim.messageId },
    include: { draft: true, message: { include: { session: true } } },
  });
  const { session, parentId } = reply.message;
  if (parentId === null) throw new PortalError('internal', 'There is no message to answer.');
  const generation = effectiveGeneration(config, session.generation, reply.generation);
  const saved = reply.draft;
  if (saved !== null) await draft.restore(saved);
  if (claim.tries > maxTries) throw new PortalError('internal', `The answer was interrupted ${maxTries} times.`);

  const file = await models.usable(reply.askedModel ?? session.modelName);
  receipt.modelName = file.name;
  const model = await engine.load(file, signal);
  await draft.adopt(modelKey(file), (text) => engine.tokenize(file, text, signal));
  const drawnBefore = draft.drawn();
  const maxTokens = generation.maxTokens - drawnBefore;
  if (maxTokens <= 0) return 'length';

  const branch = await readBranch(db, parentId, charactersWorthReading(model.contextLength), modelKey(file));
  const systemPrompt = session.systemPrompt ?? config.systemPrompt;
  const window = await fitContextWindow(
    engine,
    file,
    model,
    { systemPrompt, ...branch, maxTokens: generation.maxTokens, givenTokens: draft.givenTokens() },
    signal,
  );
  receipt.firstIncludedMessageId = window.firstIncludedMessageId;
  receipt.includedCount = window.includedCount;
  receipt.droppedCount = window.droppedCount;
  receipt.promptTokens = window.promptTokens;
  const { finishReason: _, ...known } = receipt;
  await claims.describe(claim, known);

  const course = pace.run(claim.messageId, file.name, { drawn: draft.drawn(), maxTokens: generation.maxTokens });
  const events = engine.generate(
    {
      model: file,
      conversation: session.id,
      messages: window.messages,
      sampling: generation,
      maxTokens,
      continueFrom: [...draft.tokenIds()],
      continueText: draft.text(),
    },
    signal,
  );
  try {
    for await (const event of events) {
      if (event.type !== 'end') onBegun();
      if (event.type === 'end') draft.recount(drawnBefore + event.usage.completionTokens);
      const finishReason = await take(event, draft, course, receipt);
      if (finishReason !== null) return finishReason;
    }
  } finally {
    course.left();
  }
  throw new EngineError('crashed', 'The engine ended without an answer.');
}

async function take(
  event: EngineEvent,
  draft: ReplyDraft,
  course: RunPace,
  receipt: Receipt,
): Promise<'stop' | 'length' | 'cancelled' | null> {
  switch (event.type) {
    case 'prefill':
      course.read(event.done, event.total);
      await draft.progress(event.done, event.total, event.reused);
      return null;
    case 'text':
      course.drew(event.tokens ?? event.tokenIds.length);
      await draft.append(event.text, event.tokenIds, event.tokens);
      return null;
    case 'end':
      course.ended();
      receipt.promptTokens = event.usage.promptTokens;
      receipt.reusedTokens = event.usage.reusedTokens;
      receipt.timeToFirstTokenMs = event.usage.timeToFirstTokenMs;
      receipt.tokensPerSecond = event.usage.tokensPerSecond;
      return event.finishReason;
  }
}

export const emptyReceipt: Receipt = {
  modelName: null,
  firstIncludedMessageId: null,
  includedCount: null,
  droppedCount: null,
  promptTokens: null,
  reusedTokens: null,
  completionTokens: 0,
  timeToFirstTokenMs: null,
  tokensPerSecond: null,
  finishReason: 'error',
};

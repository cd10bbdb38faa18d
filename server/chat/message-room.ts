import type { Config } from '../config.ts';
import { type Engine, EngineError, type ModelFile, type PromptMessage } from '../inference/engine.ts';
import type { Session } from '../stores/prisma/client.ts';
import { renderPrompt, roomForPrompt } from './context-window.ts';
import { effectiveGeneration } from './generation.ts';
import { invalidInput } from './input.ts';
import type { Asked } from './reply-start.ts';

/** Tokens of a prompt, and of what the model holds; null where the model cannot say. */
export type CountPrompt = (
  model: ModelFile,
  prompt: readonly PromptMessage[],
  signal: AbortSignal,
) => Promise<{ tokens: number; contextLength: number } | null>;

interface Parts {
  engine: Pick<Engine, 'status'>;
  count: CountPrompt;
  config: Config['replies'];
}

interface NewMessage {
  content: string;
  context: unknown;
  asked: Pick<Asked, 'generation'>;
}

/** Whoever sends does not wait longer for the count; what could not be counted is found when the reply runs. */
const countWithinMs = 2_000;
/** More than any chat template puts around a system prompt and a message. */
const templateTokens = 512;

export type MessageRoom = ReturnType<typeof createMessageRoom>;

/** Refuses messages that no turn could make room for, before anything is stored. */
export function createMessageRoom({ engine, count, config }: Parts) {
  return {
    /**
     * Throws `invalid_input` with the numbers, at `path`, where the system prompt and the message leave no room for an
     * answer. A token stands for one byte at least, so a short message is not even counted.
     */
    async ensure(
      file: ModelFile,
      session: Pick<Session, 'systemPrompt' | 'generation'>,
      { content, context, asked }: NewMessage,
      path: string,
    ): Promise<void> {
      const { maxTokens } = effectiveGeneration(config, session.generation, asked.generation);
      const systemPrompt = session.systemPrompt ?? config.systemPrompt;
      const prompt = renderPrompt(systemPrompt, [{ role: 'user', content, context, tokenIds: null }]);
      const { loaded } = engine.status();
      const most = templateTokens + prompt.reduce((sum, message) => sum + Buffer.byteLength(message.content), 0);
      const known = loaded?.name === file.name ? loaded.contextLength : file.remote?.contextLength;
      if (known != null && most <= roomForPrompt(known, maxTokens)) return;
      const counted = await count(file, prompt, AbortSignal.timeout(countWithinMs));
      if (counted === null) return;
      const room = roomForPrompt(counted.contextLength, maxTokens);
      if (counted.tokens <= room) return;
      const message =
        `is too long for the model: with the system prompt it has ${counted.tokens} tokens; ${file.name} holds ` +
        `${counted.contextLength}, of which ${counted.contextLength - room} are kept for the answer`;
      throw invalidInput([{ path, message }]);
    },
  };
}

/** The result, or the signal's reason where that comes first. */
function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}

/**
 * Asks the engine, which loads the model where needed; null too where the signal aborts first, and where another model is loaded: that would
 * have to go for a count, and whoever asks it meanwhile would wait.
 */
export async function countPrompt(
  engine: Pick<Engine, 'load' | 'countPromptTokens' | 'status'>,
  ...[model, prompt, signal]: Parameters<CountPrompt>
): ReturnType<CountPrompt> {
  const { loaded } = engine.status();
  if (!model.remote && loaded !== null && loaded.name !== model.name) return null;
  try {
    const { contextLength } = await engine.load(model, signal);
    const tokens = await unlessAborted(engine.countPromptTokens(model, prompt, signal), signal);
    return { tokens, contextLength };
  } catch (error) {
    if (signal.aborted || error instanceof EngineError) return null;
    throw error;
  }
}

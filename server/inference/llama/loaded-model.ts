import type { LlamaContext, LlamaModel, Token } from 'node-llama-cpp';
import { EngineError, type EngineEvent, type LoadedModel, type ModelFile, type PromptMessage } from '../engine.ts';
import { createPromptRenderer, type PromptRenderer } from './prompt.ts';
import type { ChildGenerateRequest } from './protocol.ts';
import { createReply } from './reply.ts';
import { createScheduler, type ReadingLimits } from './scheduler.ts';
import { createSequencePool } from './sequence-pool.ts';
import type { StateShelf } from './state-shelf.ts';
import type { ThreadRule } from './thread-rule.ts';

/** A model in memory, with the sequences that its replies run on. */
export interface ModelInMemory {
  info: LoadedModel;
  countPromptTokens(messages: readonly PromptMessage[]): number;
  /** Tokens of plain text that stands within an answer. */
  tokenize(text: string): number[];
  /** Emits the events of one reply; resolves after its `end`. Rejects where no end is possible. */
  generate(request: ChildGenerateRequest, signal: AbortSignal, emit: (event: EngineEvent) => void): Promise<void>;
  /** Drops what it keeps of the conversation, in memory and as a file. */
  forget(conversation: string): Promise<void>;
  /** Puts the states of conversations away, as many as the time allows. Nothing may run. */
  putAway(): Promise<void>;
  dispose(): Promise<void>;
}

export interface ModelParts {
  file: ModelFile;
  model: LlamaModel;
  context: LlamaContext;
  limits: ReadingLimits;
  threads: ThreadRule;
  shelf: StateShelf;
  /** Conversations that begin with it share its state; '' for none. */
  sharedSystemPrompt: string;
  /** What a person should know of how it runs. */
  notice: string | undefined;
}

/** For how long states are put away when the model has to go: what the server waits for must be bounded. */
const putAwayMs = 2_000;

export async function holdModel({
  file,
  model,
  context,
  limits,
  threads,
  shelf,
  sharedSystemPrompt,
  notice,
}: ModelParts): Promise<ModelInMemory> {
  const render = createPromptRenderer(model);
  const scheduler = createScheduler(limits);
  const sequences = Array.from({ length: context.totalSequences }, () => context.getSequence());
  const pool = createSequencePool(sequences, shelf);
  const { contextSize } = context;
  const shared = sharedBeginning(render, sharedSystemPrompt);
  if (sequences[0] !== undefined && shared.length < contextSize) await shelf.share(shared, sequences[0]);

  return {
    info: {
      name: file.name,
      contextLength: contextSize,
      sequences: context.totalSequences,
      threads: context.idealThreads,
      ...(notice === undefined ? {} : { notice }),
    },
    countPromptTokens: (messages) => render(messages).tokens.length,
    tokenize: (text) => model.tokenize(text, false, 'trimLeadingSpace'),
    async generate(request, signal, emit) {
      const prompt = render(request.messages);
      if (prompt.tokens.length >= contextSize) {
        throw new EngineError(
          'prompt_too_long',
          `The prompt has ${prompt.tokens.length} tokens; the model can hold ${contextSize}, its answer included.`,
        );
      }
      const begun = (request.continueFrom ?? []) as readonly Token[];
      const room = contextSize - prompt.tokens.length - begun.length;
      const maxNewTokens = Math.min(room, request.maxTokens);
      if (maxNewTokens <= 0) {
        emit({ type: 'end', finishReason: 'length', usage: emptyUsage(prompt.tokens.length) });
        return;
      }
      const { sequence, release } = await pool.take(request.conversation, prompt.tokens);
      const rest = threads.watch();
      let failure: { error: unknown } | null = null;
      try {
        // The last token is always read again: what comes after it is not part of the state.
        await sequence.adaptStateToTokens([...prompt.tokens, ...begun].slice(0, -1), false);
        const { sampling, stopTexts = [] } = request;
        const onError = (error: unknown) => {
          failure = { error };
        };
        const options = { sequence, prompt, begun, sampling, stopTexts, maxNewTokens, signal, emit, onError };
        await scheduler.run(createReply(options));
        if (failure !== null) throw (failure as { error: unknown }).error;
      } catch (error) {
        failure = { error };
        throw error;
      } finally {
        rest();
        await release(failure === null ? 'keep' : 'drop');
      }
    },
    async forget(conversation) {
      shelf.forget(conversation);
      await pool.forget(conversation);
    },
    putAway: () => pool.putAllAway(AbortSignal.timeout(putAwayMs)),
    async dispose() {
      await context.dispose();
      await model.dispose();
    },
  };
}

/** What questions differ in from their first character on. */
const probes = ['a', 'Z', '1', ' ', '\n', '(', 'é', '你'];

/** The tokens that every prompt with this system prompt begins with, whatever is asked. */
function sharedBeginning(render: PromptRenderer, systemPrompt: string): readonly Token[] {
  if (systemPrompt.trim() === '') return [];
  const [first = [], ...others] = probes.map((content) => {
    const messages = [
      { role: 'system' as const, content: systemPrompt },
      { role: 'user' as const, content },
    ];
    return render(messages).tokens;
  });
  const differs = first.findIndex((token, index) => others.some((tokens) => tokens[index] !== token));
  return first.slice(0, differs);
}

function emptyUsage(promptTokens: number) {
  return { promptTokens, reusedTokens: 0, completionTokens: 0, timeToFirstTokenMs: null, tokensPerSecond: null };
}

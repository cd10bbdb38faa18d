import type { TokenizedText } from '../inference/engine.ts';
import type { Logger } from '../logger.ts';
import type { TokenLog } from '../stores/token-log.ts';
import type { WakeUp } from '../stores/wake-up.ts';
import { type Claim, type DraftContent, firstSeq, type ReplyClaims } from './reply-claims.ts';
import { replyTopics } from './reply-topics.ts';

const saveEveryMs = 250;

interface Parts {
  claim: Claim;
  claims: Pick<ReplyClaims, 'saveDraft'>;
  tokenLog: TokenLog;
  wakeUp: WakeUp;
  log: Logger;
}

export type ReplyDraft = ReturnType<typeof createReplyDraft>;

/**
 * The text of a reply under way: each piece goes to the token log at once, and the whole with its `seq` to the database
 * every 250 ms while it grows.
 */
export function createReplyDraft({ claim, claims, tokenLog, wakeUp, log }: Parts) {
  const topic = replyTopics.of(claim.messageId);
  let tokenIds: number[] = [];
  let givenTokens = 0;
  let drawnTokens = 0;
  let model: string | null = null;
  let text = '';
  let seq = firstSeq(claim.attempt);
  let unsaved = false;
  let saving: Promise<void> | null = null;
  const timer = setInterval(() => save(), saveEveryMs);

  /** One save at a time: what it misses, or all where it fails, is left to the next. A silent database gathers no line of them. */
  async function save(): Promise<void> {
    if (saving !== null || !unsaved) return;
    unsaved = false;
    saving = saveContent();
    await saving;
    saving = null;
  }

  async function saveContent(): Promise<void> {
    try {
      await claims.saveDraft(claim, content());
    } catch (error) {
      unsaved = true;
      log.warn({ err: error }, 'the text so far could not be saved');
    }
  }

  function content(): DraftContent {
    return { partialContent: text, tokenIds: [...tokenIds], savedSeq: seq, model, givenTokens, drawnTokens };
  }

  async function logText(offset: number, piece: string): Promise<void> {
    seq += 1;
    await tokenLog.append(claim.messageId, { type: 'text', seq, offset, text: piece });
    wakeUp.notify(topic, 'text');
  }

  return {
    content,
    tokenIds: () => tokenIds,
    text: () => text,
    /** Tokens that the model drew, those that were made from text not counted. */
    drawn: () => drawnTokens,
    givenTokens: () => givenTokens,

    /** Goes on from saved text: readers are given all of it again, so that what was never saved is cut off. */
    async restore(saved: Omit<DraftContent, 'savedSeq'>): Promise<void> {
      text = saved.partialContent;
      ({ model, givenTokens, drawnTokens } = saved);
      tokenIds = [...saved.tokenIds];
      if (text !== '') await logText(0, text);
    },

    /** The model that goes on. Where the tokens so far are not its own, `tokenize` makes some of the text. */
    async adopt(key: string, tokenize: (text: string) => Promise<TokenizedText>): Promise<void> {
      if (model === key) return;
      const given = text === '' ? { count: 0, ids: [] } : await tokenize(text);
      tokenIds = [...given.ids];
      givenTokens = given.count;
      drawnTokens = 0;
      model = key;
    },

    /** `tokens`: how many more they are. */
    async append(piece: string, ids: readonly number[], tokens = ids.length): Promise<void> {
      tokenIds.push(...ids);
      drawnTokens += tokens;
      unsaved = true;
      if (piece === '') return;
      const offset = text.length;
      text += piece;
      await logText(offset, piece);
    },

    /** The engine has counted them after all. */
    recount(drawn: number): void {
      drawnTokens = drawn;
    },

    async progress(done: number, total: number, reused: number): Promise<void> {
      seq += 1;
      await tokenLog.append(claim.messageId, { type: 'prefill', seq, done, total, reused });
      wakeUp.notify(topic, 'text');
    },

    /** The `seq` of the reply's end. */
    endSeq: () => seq + 1,

    /** Saves what is unsaved and stops saving. */
    async close(): Promise<void> {
      clearInterval(timer);
      await saving;
      await save();
    },

    /** Stops saving: the text is about to be stored whole. */
    async settle(): Promise<void> {
      clearInterval(timer);
      unsaved = false;
      await saving;
    },
  };
}

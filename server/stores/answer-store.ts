/** Answers that may be given again. It may forget any of them at any time, and throws where it cannot be reached. */
export interface AnswerStore {
  /** Stores or replaces; the least recently used go where the budget of bytes would be passed. */
  put(answer: StoredAnswer, ttlMs: number): Promise<void>;
  /** Counts a hit for an answer that is found, and makes it the most recently used. */
  get(id: AnswerId): Promise<StoredAnswer | null>;
  /** The prompts kept in one setting, the newest `limit` of them; counts nothing. */
  promptsOf(setting: string, limit: number): Promise<readonly KeptPrompt[]>;
  /** Notes a question that no answer was found for. */
  countMiss(): Promise<void>;
  remove(id: AnswerId): Promise<void>;
  /** How many a flush would remove. */
  count(whose: Whose): Promise<number>;
  /** Says how many went. */
  flush(whose: Whose): Promise<number>;
  stats(): Promise<AnswerStats>;
}

/** All, one user's, one session's, or those that one message gave. */
export type Whose = 'all' | { userId: string } | { sessionId: string } | { messageId: string };

export interface AnswerId {
  /** The session, or the user where answers serve all sessions of a user. */
  scope: string;
  /** 16 hex digits of the digest. */
  hash: string;
}

export interface StoredAnswer extends AnswerId {
  /** The whole digest of the prompt: compared on a hit, since the hash in the key is short. */
  digest: string;
  userId: string;
  sessionId: string;
  messageId: string;
  content: string;
  /** Milliseconds since 1970. */
  cachedAt: number;
  /** What similar prompts are looked for by; null where the prompt says nothing alone. */
  comparable: ComparablePrompt | null;
}

export interface ComparablePrompt {
  /** Everything but the prompt that decides an answer: prompts of one setting may be compared. */
  setting: string;
  prompt: string;
  /** What it means; null where no embedding model said so in time. */
  vector: PromptVector | null;
}

export interface PromptVector {
  /** Names the file of the embedding model: vectors of two models have nothing to do with one another. */
  model: string;
  values: Int8Array;
}

export interface KeptPrompt extends AnswerId {
  prompt: string;
  vector: PromptVector | null;
}

export interface AnswerStats {
  backend: 'memory' | 'redis';
  entries: number;
  hits: number;
  misses: number;
  sizeBytes: number;
}

/** What an answer counts against the budget, about what it occupies. */
export function sizeOf(answer: StoredAnswer): number {
  const units = answer.content.length + (answer.comparable?.prompt.length ?? 0);
  const vector = answer.comparable?.vector ?? null;
  return 512 + 2 * units + (vector === null ? 0 : vector.model.length + Math.ceil((4 * vector.values.length) / 3));
}

export function keyOf({ scope, hash }: AnswerId): string {
  return `cache:${scope}:${hash}`;
}

/** The groups that an answer belongs to, each of which can be asked for or go as a whole. */
export function groupsOf({ comparable, userId, sessionId, messageId }: StoredAnswer): string[] {
  return [
    ...(comparable === null ? [] : [settingGroup(comparable.setting)]),
    ...[{ userId }, { sessionId }, { messageId }].map(groupOf),
  ];
}

export function groupOf(whose: Exclude<Whose, 'all'>): string {
  if ('userId' in whose) return `cache_of:user:${whose.userId}`;
  return 'sessionId' in whose ? `cache_of:session:${whose.sessionId}` : `cache_of:message:${whose.messageId}`;
}

export function settingGroup(setting: string): string {
  return `cache_of:setting:${setting}`;
}

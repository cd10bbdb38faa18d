/** What a conversation must be by what was acknowledged, and nothing of how it is stored. */
export interface MessageModel {
  id: string;
  parentId: string | null;
  role: 'user' | 'assistant';
  /** The text of a question, and of an answer that has ended. */
  content: string | null;
  rating: 'UP' | 'DOWN' | null;
  pinned: boolean;
  /** Rises with each message and each choice: of several leaves, the one with the highest was shown last. */
  shown: number;
}

export interface SessionModel {
  id: string;
  /** In the order in which they were made. */
  messages: MessageModel[];
  /** Where the branch that is shown ends. */
  leafId: string | null;
}

export interface SentKey {
  key: string;
  sessionId: string;
  content: string;
  messageId: string;
  replyId: string;
}

export interface TreeModel {
  sessions: SessionModel[];
  keys: SentKey[];
  /** What each of two tabs takes for the newest message of a session. */
  tabs: [Map<string, string>, Map<string, string>];
  clock: number;
}

export function createModel(): TreeModel {
  return { sessions: [], keys: [], tabs: [new Map(), new Map()], clock: 0 };
}

function find(session: SessionModel, id: string): MessageModel {
  const message = session.messages.find((one) => one.id === id);
  if (message === undefined) throw new Error(`the model has no message ${id}`);
  return message;
}

export function childrenOf(session: SessionModel, id: string | null): MessageModel[] {
  return session.messages.filter(({ parentId }) => parentId === id);
}

/** From the root to the message. */
export function pathTo(session: SessionModel, id: string | null): MessageModel[] {
  if (id === null) return [];
  const message = find(session, id);
  return [...pathTo(session, message.parentId), message];
}

/** The leaf beneath a message that was shown last. */
export function leafBeneath(session: SessionModel, id: string): MessageModel {
  const leaves = (message: MessageModel): MessageModel[] => {
    const children = childrenOf(session, message.id);
    return children.length === 0 ? [message] : children.flatMap(leaves);
  };
  return leaves(find(session, id)).reduce((last, leaf) => (leaf.shown > last.shown ? leaf : last));
}

/** The answers beside which none may be begun under `parentId`: those to its questions, and the parent itself. */
export function rivals(session: SessionModel, parentId: string | null): string[] {
  const answers = childrenOf(session, parentId).flatMap((question) => childrenOf(session, question.id));
  return [...answers.map(({ id }) => id), ...(parentId === null ? [] : [parentId])];
}

/** Notes what was acknowledged, and that its branch is shown. */
export function add(
  model: TreeModel,
  session: SessionModel,
  ...added: Pick<MessageModel, 'id' | 'parentId' | 'role' | 'content'>[]
): void {
  model.clock += 1;
  for (const message of added) {
    session.messages.push({ ...message, rating: null, pinned: false, shown: model.clock });
    session.leafId = message.id;
  }
}

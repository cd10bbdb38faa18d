import type { Client } from 'graphql-ws';
import { askFor, type GraphAnswer, listen } from './graph.ts';

/** The events of `replyEvents` as a test reads them. */
export type ReplyEvent =
  | { __typename: 'ReplyQueued'; seq: number; position: number; etaMs: number | null }
  | { __typename: 'ReplyPrefill'; seq: number; done: number; total: number; reused: number }
  | { __typename: 'ReplyText'; seq: number; offset: number; text: string }
  | { __typename: 'ReplyFinished'; seq: number; message: MessageView };

export interface MessageView {
  id: string;
  content: string;
  status: string;
  errorMessage: string | null;
  receipt: { finishReason: string | null; completionTokens: number; promptTokens: number } | null;
}

export const messageFields = 'id content status errorMessage receipt { finishReason completionTokens promptTokens }';

const subscription = `subscription ($id: ID!, $after: Int) { replyEvents(messageId: $id, after: $after) { __typename seq
  ... on ReplyQueued { position etaMs }
  ... on ReplyPrefill { done total reused }
  ... on ReplyText { offset text }
  ... on ReplyFinished { message { ${messageFields} } } } }`;

export async function createSession(url: string, input: Record<string, unknown> = {}): Promise<string> {
  const data = await askFor<{ createSession: { id: string } }>(
    url,
    'mutation ($input: CreateSessionInput) { createSession(input: $input) { id } }',
    { input },
  );
  return data.createSession.id;
}

export interface SentView {
  message: { id: string };
  reply: { id: string; status: string };
}

export async function send(
  url: string,
  sessionId: string,
  content: string,
  more: Record<string, unknown> = {},
): Promise<SentView> {
  const data = await askFor<{ sendMessage: SentView }>(
    url,
    'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } reply { id status } } }',
    { input: { sessionId, content, ...more } },
  );
  return data.sendMessage;
}

export async function readMessage(url: string, id: string): Promise<MessageView | null> {
  const data = await askFor<{ message: MessageView | null }>(
    url,
    `query ($id: ID!) { message(id: $id) { ${messageFields} } }`,
    { id },
  );
  return data.message;
}

/** Follows a reply by server-sent events. */
export async function* followBySse(
  url: string,
  id: string,
  after = 0,
  signal?: AbortSignal,
): AsyncGenerator<ReplyEvent> {
  for await (const answer of listen<{ replyEvents: ReplyEvent }>(url, subscription, { id, after }, signal)) {
    yield eventOf(answer);
  }
}

/** Follows a reply by WebSocket. */
export async function* followByWebSocket(client: Client, id: string, after = 0): AsyncGenerator<ReplyEvent> {
  for await (const answer of client.iterate<{ replyEvents: ReplyEvent }>({
    query: subscription,
    variables: { id, after },
  })) {
    yield eventOf(answer as GraphAnswer<{ replyEvents: ReplyEvent }>);
  }
}

function eventOf({ data, errors }: GraphAnswer<{ replyEvents: ReplyEvent }>): ReplyEvent {
  if (errors?.[0]) throw Object.assign(new Error(errors[0].message), { code: errors[0].extensions.code });
  return data.replyEvents;
}

/** What a reader holds after an event: cut to the offset, then append. */
export function fold(text: string, event: ReplyEvent): string {
  return event.__typename === 'ReplyText' ? text.slice(0, event.offset) + event.text : text;
}

/** The whole text and the end of a reply. */
export async function readToEnd(events: AsyncIterable<ReplyEvent>): Promise<{ text: string; message: MessageView }> {
  let text = '';
  for await (const event of events) {
    text = fold(text, event);
    if (event.__typename === 'ReplyFinished') return { text, message: event.message };
  }
  throw new Error('the events ended before the reply did');
}

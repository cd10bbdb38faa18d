import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { fold, followBySse, followByWebSocket, type MessageView, type ReplyEvent, readMessage } from './chat.ts';
import { stream } from './rest.ts';
import { patient } from './rounds.ts';

export const transports = ['ws', 'sse', 'rest'] as const;

export type Transport = (typeof transports)[number];

/** A client as the web app is one: follows a reply to its end, whatever happens to the portal meanwhile. */
export interface Follower {
  id: string;
  /** The text as it stands on the screen. */
  held(): string;
  /** Events so far. */
  count(): number;
  /** When the last event came (`performance.now()`). */
  lastEventAt(): number;
  /** When the text first was longer than this; null where it is not. */
  longerSince(length: number): number | null;
  ended(): boolean;
  /** Breaks its connection. */
  cut(): void;
  /** The end. Rejects where the reply is gone, where `seq` did not rise, and where the end never came. */
  done: Promise<{ text: string; message: MessageView }>;
}

const reconnectMs = 100;
/** What REST answers where nothing follows. */
const noContent = 204;

/**
 * Follows with its cursor over each transport in turn, at each of the addresses in turn, and comes back each time that its
 * connection breaks.
 */
export function followThroughFaults(at: string | readonly string[], id: string, first: Transport = 'ws'): Follower {
  const urls = [at].flat();
  let connected = new AbortController();
  let held = '';
  let count = 0;
  let cursor = 0;
  let lastEventAt = performance.now();
  let ended = false;
  let arrivals: { length: number; at: number }[] = [];

  function receive(event: ReplyEvent): void {
    if (event.seq <= cursor) throw new Error(`seq ${event.seq} came after ${cursor}`);
    cursor = event.seq;
    count++;
    lastEventAt = performance.now();
    if (event.__typename !== 'ReplyText') return;
    if (event.offset > held.length) throw new Error(`a text begins at ${event.offset} where ${held.length} are held`);
    held = fold(held, event);
    arrivals = arrivals.filter(({ length }) => length <= event.offset);
    arrivals.push({ length: held.length, at: lastEventAt });
  }

  async function follow(): Promise<{ text: string; message: MessageView }> {
    let missedEnds = 0;
    for (let connection = transports.indexOf(first); ; connection++) {
      const [transport = first, url = ''] = [
        transports[connection % transports.length],
        urls[connection % urls.length],
      ];
      connected = new AbortController();
      try {
        for await (const event of eventsOver(transport, url, id, cursor, connected.signal)) {
          receive(event);
          if (event.__typename !== 'ReplyFinished') continue;
          ended = true;
          return { text: held, message: event.message };
        }
        const { status } = (await readMessage(url, id)) ?? { status: 'gone' };
        if (status !== 'PENDING' && status !== 'IN_PROGRESS' && ++missedEnds > 1) {
          throw new Error(`the reply is ${status}, and its end never came`);
        }
      } catch (error) {
        if (!isOfTheConnection(error)) throw error;
      }
      await pause(reconnectMs);
    }
  }

  const done = follow();
  // Whoever waits for it is told.
  done.catch(() => {});
  return {
    id,
    held: () => held,
    count: () => count,
    lastEventAt: () => lastEventAt,
    longerSince: (length) => arrivals.find((arrival) => arrival.length > length)?.at ?? null,
    ended: () => ended,
    cut: () => connected.abort(),
    done,
  };
}

/** May be cut before it is connected: what it says of that then, when nobody listens any more, must not end the tests. */
class CutSocket extends WebSocket {
  constructor(...of: ConstructorParameters<typeof WebSocket>) {
    super(...of);
    this.on('error', () => {});
  }
}

/** The events of a reply over one connection, which breaks where the reader leaves or the signal aborts. */
export async function* eventsOver(
  transport: Transport,
  url: string,
  id: string,
  after: number,
  signal?: AbortSignal,
): AsyncGenerator<ReplyEvent> {
  const leaving = new AbortController();
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: CutSocket,
    retryAttempts: 0,
  });
  const cut = () => {
    leaving.abort();
    client.terminate();
  };
  signal?.addEventListener('abort', cut, { once: true });
  try {
    if (transport === 'ws') yield* followByWebSocket(client, id, after);
    else if (transport === 'sse') yield* followBySse(url, id, after, leaving.signal);
    else yield* followByRest(url, id, after, leaving.signal);
  } catch (error) {
    // The client of the WebSocket protocol throws what an `error` frame holds: a list.
    const [first] = Array.isArray(error) ? error : [];
    throw first ? Object.assign(new Error(first.message), { code: first.extensions?.code }) : error;
  } finally {
    signal?.removeEventListener('abort', cut);
    cut();
  }
}

const typeOf: Record<string, 'ReplyQueued' | 'ReplyPrefill'> = { queued: 'ReplyQueued', prefill: 'ReplyPrefill' };

async function* followByRest(url: string, id: string, after: number, signal: AbortSignal): AsyncGenerator<ReplyEvent> {
  const headers = { 'last-event-id': String(after) };
  try {
    for await (const { id: place, event, data } of stream(url, `/messages/${id}/stream`, { headers, signal })) {
      const seq = Number(place);
      const __typename = typeOf[event];
      // Any other error is the end of a reply that FAILED.
      if (event === 'error' && (data.code === 'not_found' || data.code === 'dependency_unavailable'))
        throw Object.assign(new Error(String(data.message)), { code: data.code.toUpperCase() });
      if (__typename) yield { ...data, __typename, seq } as unknown as ReplyEvent;
      else if (event === 'token')
        yield { __typename: 'ReplyText', seq, offset: data.offset ?? 0, text: data.text ?? '' };
      else yield { __typename: 'ReplyFinished', seq, message: (await readMessage(url, id)) as MessageView };
    }
  } catch (error) {
    const status = error instanceof Error && 'status' in error ? error.status : null;
    if (status === noContent) return;
    const code = status === 503 ? 'DEPENDENCY_UNAVAILABLE' : status === 404 ? 'NOT_FOUND' : undefined;
    throw code ? Object.assign(new Error(`REST answered ${status}`), { code }) : error;
  }
}

/** Asks again, as clients do, while the portal cannot be reached or says that it cannot answer now. */
export async function insist<Answer>(question: () => Promise<Answer>, withinMs = patient(30_000)): Promise<Answer> {
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    try {
      return await question();
    } catch (error) {
      if (!isOfTheConnection(error) || performance.now() > giveUpAt) throw error;
      await pause(reconnectMs);
    }
  }
}

/** Whether the portal or the way to it broke, or it said that it cannot answer now; else something is wrong. */
function isOfTheConnection(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if ('code' in error && error.code === 'DEPENDENCY_UNAVAILABLE') return true;
  if ('code' in error && typeof error.code === 'number') return true;
  if ('target' in error) return true;
  return error instanceof TypeError || (error instanceof SyntaxError && error.message.includes('JSON'));
}

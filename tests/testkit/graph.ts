import { type Client, createClient } from 'graphql-ws';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { readEvents } from './event-stream.ts';

export interface GraphError {
  message: string;
  extensions: { code: string; errors?: { path: string; message: string }[] };
}

/** An answer of GraphQL; tests say what they expect in `data`. */
export interface GraphAnswer<Data> {
  data: Data;
  errors?: GraphError[];
}

/** Asks by HTTP, as the web app does. */
export async function ask<Data = Record<string, never>>(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<GraphAnswer<Data>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as GraphAnswer<Data>;
}

/** Asks for something that must go well; an error has the code of the first. */
export async function askFor<Data>(url: string, query: string, variables: Record<string, unknown> = {}): Promise<Data> {
  const { data, errors } = await ask<Data>(url, query, variables);
  if (errors) throw Object.assign(new Error(JSON.stringify(errors)), { code: errors[0]?.extensions.code });
  return data;
}

/** A client of the WebSocket protocol, closed when the test ends. */
export function connect(url: string): Client {
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    lazy: false,
    onNonLazyError: () => {},
  });
  onTestFinished(() => client.dispose());
  return client;
}

/** The events of a subscription as server-sent events. */
export async function* listen<Data>(
  url: string,
  query: string,
  variables: Record<string, unknown>,
  signal?: AbortSignal,
): AsyncGenerator<GraphAnswer<Data>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query, variables }),
    ...(signal && { signal }),
  });
  for await (const { event, data } of readEvents(response)) {
    if (event === 'complete') return;
    if (event === 'next') yield JSON.parse(data);
  }
}

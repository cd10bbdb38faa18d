import { readEvents } from './event-stream.ts';
import { differenceOf, operationOf } from './openapi.ts';

/** An answer of the REST facade; tests say what they expect in `body`. */
export interface RestAnswer<Body> {
  status: number;
  headers: Headers;
  body: Body;
}

/** What a problem says. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  request_id: string;
  errors?: { path: string; message: string }[];
}

/** Asks by REST, with a body where one is given. The answer must be as the description says. */
export async function rest<Body = Problem>(
  url: string,
  method: string,
  address: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<RestAnswer<Body>> {
  const response = await fetch(`${url}/api/v1${address}`, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer = text === '' ? null : JSON.parse(text);
  const operation = operationOf(method, `/api/v1${address.split('?')[0]}`);
  const type = response.headers.get('content-type');
  const difference = operation && differenceOf(operation, response.status, type, answer);
  if (difference !== null) throw new Error(`${method} ${address} is not as described: ${difference}\n${text}`);
  return { status: response.status, headers: response.headers, body: answer as Body };
}

/** An event of a reply as REST streams it. */
export interface StreamedEvent {
  id: string | undefined;
  event: string;
  data: Record<string, unknown> & { text?: string; offset?: number; message_id?: string; seq?: number };
}

/** Asks for a stream by REST; what is no stream is thrown with its status. */
export async function* stream(
  url: string,
  address: string,
  { signal, ...init }: { method?: string; body?: unknown; headers?: Record<string, string>; signal?: AbortSignal } = {},
): AsyncGenerator<StreamedEvent> {
  const response = await fetch(`${url}/api/v1${address}`, {
    method: init.method ?? (init.body === undefined ? 'GET' : 'POST'),
    headers: { ...(init.body !== undefined && { 'content-type': 'application/json' }), ...init.headers },
    ...(init.body !== undefined && { body: JSON.stringify(init.body) }),
    ...(signal && { signal }),
  });
  if (response.status !== 200) throw Object.assign(new Error(await response.text()), { status: response.status });
  for await (const { id, event, data } of readEvents(response)) {
    if (event !== undefined) yield { id, event, data: JSON.parse(data) };
  }
}

/** What a reader holds after an event: cut to the offset, then append. */
export function append(text: string, { event, data }: StreamedEvent): string {
  return event === 'token' ? text.slice(0, data.offset) + data.text : text;
}

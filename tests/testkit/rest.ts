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

/** Asks by REST, with a body where one is given. */
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
  return { status: response.status, headers: response.headers, body: (text === '' ? null : JSON.parse(text)) as Body };
}

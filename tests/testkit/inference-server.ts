import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { ServerKind } from '../../server/config-servers.ts';

/** What goes wrong with the next completions; counts are tokens that are sent before it. */
export type Mishap =
  | {
      kind: 'dies' | 'stalls' | 'sends garbage' | 'sends an endless event' | 'ends early' | 'tells an error';
      after: number;
    }
  | { kind: 'answers'; status: number; body?: unknown; headers?: Record<string, string> }
  | { kind: 'is silent' };

export interface InferenceServer {
  /** Of its `/v1`. */
  readonly url: string;
  /** Every request that has arrived, in order. */
  readonly requests: readonly { path: string; headers: IncomingMessage['headers']; body: Record<string, unknown> }[];
  /** Bodies of completions. */
  readonly completions: readonly Record<string, unknown>[];
  /** Completions that are being written. */
  readonly writing: number;
  /** Names of its models; may be changed. */
  models: string[];
  /** Status that its list of models is answered with; 200 is well. */
  listing: number;
  /** Ollama's: those in memory, and what each holds. */
  loaded: Map<string, number>;
  /** How the next completions go, in order; null is well. */
  plan(...mishaps: (Mishap | null)[]): void;
  /** Every completion stops before its next token; `release` lets so many more pass, of all together. */
  hold(): void;
  release(tokens?: number): void;
  /** Drops every connection and listens no more, until `revive`. */
  kill(): Promise<void>;
  revive(): Promise<void>;
}

interface Options {
  kind?: ServerKind;
  models?: string[];
  /** The bearer key that it wants. */
  key?: string;
  contextLength?: number;
  slots?: number;
  /** Of a llama-server: false where it begins a last message of the assistant anew. */
  prefills?: boolean;
  /** False: of its own protocol beside `/v1` nothing is reached, as behind a proxy. */
  native?: boolean;
}

/** What every model of it says to a question: some forty tokens. */
export function answerTo(question: string): string {
  return `To "${question}" I say — déjà vu, 你好 🙂. ${'One more word. '.repeat(10)}The end.`;
}

/** A token is a word with the blanks before it. */
export function tokensOf(text: string): string[] {
  return text.match(/\s*\S+|\s+$/gu) ?? [];
}

interface Message {
  role: string;
  content: string;
}

/**
 * A server that speaks as vLLM, llama-server, Ollama or any other over real sockets, and goes wrong as it is told to. An answer that was
 * begun goes on only as that kind of server lets it: asked in another way it begins anew, as a real one does.
 */
export async function startInferenceServer(options: Options = {}): Promise<InferenceServer> {
  const { kind = 'openai', key, contextLength = 4096, slots = 4, native = true, prefills = true } = options;
  const requests: { path: string; headers: IncomingMessage['headers']; body: Record<string, unknown> }[] = [];
  const sockets = new Set<Socket>();
  const mishaps: (Mishap | null)[] = [];
  let passes = Number.POSITIVE_INFINITY;
  let waiting: (() => void)[] = [];
  let writing = 0;
  let port = 0;

  const self: InferenceServer = {
    get url() {
      return `http://127.0.0.1:${port}/v1`;
    },
    requests,
    get completions() {
      return requests.filter(({ path }) => path === '/v1/chat/completions').map(({ body }) => body);
    },
    get writing() {
      return writing;
    },
    models: options.models ?? ['small'],
    listing: 200,
    loaded: new Map(),
    plan: (...next) => void mishaps.push(...next),
    hold() {
      passes = 0;
    },
    release(tokens = Number.POSITIVE_INFINITY) {
      passes += tokens;
      const woken = waiting;
      waiting = [];
      for (const wake of woken) wake();
    },
    async kill() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      self.release(0);
      await closed;
    },
    revive: listen,
  };

  const server = createServer((request, response) => {
    void handle(request, response).catch(() => response.destroy());
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      self.release(0);
    });
  });

  async function listen(): Promise<void> {
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://server');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    requests.push({ path: pathname, headers: request.headers, body });
    if (key !== undefined && request.headers.authorization !== `Bearer ${key}`) {
      return json(response, 401, { error: { message: 'Incorrect API key provided', code: 'invalid_api_key' } });
    }
    if (pathname === '/v1/chat/completions') return complete(response, body);
    if (pathname === '/v1/models' && self.listing !== 200) return json(response, self.listing, {});
    if (pathname === '/v1/models') return json(response, 200, { object: 'list', data: self.models.map(entryOf) });
    if (pathname === '/v1/embeddings') return embed(response, body);
    const answer = native ? nativeAnswer(pathname, body) : null;
    return answer === null ? json(response, 404, { error: 'not found' }) : json(response, 200, answer);
  }

  function entryOf(id: string): Record<string, unknown> {
    const created = Math.floor(Date.now() / 1000);
    switch (kind) {
      case 'vllm':
        return { id, object: 'model', created, owned_by: 'vllm', root: id, max_model_len: contextLength };
      case 'llama-server':
        return {
          id,
          object: 'model',
          created,
          owned_by: 'llamacpp',
          meta: { n_ctx_train: 32768, n_params: 1_543_714_304, size: 9e8 },
        };
      case 'ollama':
        return { id, object: 'model', created, owned_by: 'library' };
      case 'openai':
        return { id, object: 'model', created, owned_by: 'somebody' };
    }
  }

  function nativeAnswer(path: string, body: Record<string, unknown>): unknown {
    const messages = (body.messages ?? []) as Message[];
    switch (`${kind} ${path}`) {
      case 'vllm /tokenize':
        return { count: countPrompt(messages), max_model_len: contextLength };
      case 'llama-server /props':
        return { default_generation_settings: { n_ctx: contextLength }, total_slots: slots };
      case 'llama-server /apply-template':
        return { prompt: renderPrompt(messages, prefills) };
      case 'llama-server /tokenize':
        return { tokens: tokensOf(String(body.content)).map((_, index) => index) };
      case 'ollama /api/tags':
        return {
          models: self.models.map((name) => ({
            name,
            model: name,
            modified_at: '2026-01-02T03:04:05.678901234+01:00',
            size: 1_321_098_329,
            digest: `sha of ${name}`,
            details: { family: 'llama', parameter_size: '1.2B', quantization_level: 'Q8_0' },
          })),
        };
      case 'ollama /api/ps':
        return { models: [...self.loaded].map(([name, context_length]) => ({ name, model: name, context_length })) };
      case 'ollama /api/show':
        return {
          parameters: 'stop "<|eot|>"\nnum_ctx                        2048',
          model_info: { 'general.architecture': 'llama', 'llama.context_length': 131_072 },
        };
      default:
        return null;
    }
  }

  async function complete(response: ServerResponse, body: Record<string, unknown>): Promise<void> {
    const mishap = mishaps.shift() ?? null;
    if (mishap?.kind === 'is silent') return;
    if (mishap?.kind === 'answers') return json(response, mishap.status, mishap.body ?? {}, mishap.headers);
    if (!self.models.includes(String(body.model))) {
      return json(response, 404, {
        error: { message: `The model ${body.model} does not exist.`, code: 'model_not_found' },
      });
    }
    const messages = body.messages as Message[];
    const promptTokens = countPrompt(messages);
    if (promptTokens > contextLength) return json(response, 400, { error: tooLong(kind, promptTokens, contextLength) });
    writing++;
    try {
      await write(response, body, messages, promptTokens, mishap);
    } finally {
      writing--;
    }
  }

  async function write(
    response: ServerResponse,
    body: Record<string, unknown>,
    messages: readonly Message[],
    promptTokens: number,
    mishap: Exclude<Mishap, { kind: 'answers' | 'is silent' }> | null,
  ): Promise<void> {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    const push = (event: unknown) => response.write(`data: ${JSON.stringify(event)}\n\n`);
    const chunk = (delta: object, finish_reason: string | null) =>
      push({
        id: 'c',
        object: 'chat.completion.chunk',
        model: body.model,
        choices: [{ index: 0, delta, finish_reason }],
      });
    const tokens = restOfAnswer(kind, messages, body, prefills);
    const most = Math.min(tokens.length, Number(body.max_tokens ?? 1e9), contextLength - promptTokens);
    if (body.return_progress === true) {
      for (const processed of [0, promptTokens]) {
        const prompt_progress = { total: promptTokens, cache: 0, processed, time_ms: 1 };
        push({ choices: [{ index: 0, delta: { role: 'assistant', content: null } }], prompt_progress });
      }
    } else {
      chunk({ role: 'assistant', content: '' }, null);
    }
    const stops = (body.stop ?? []) as string[];
    let said = '';
    for (let index = 0; index < most; index++) {
      await pass(response);
      if (response.destroyed) return;
      if (mishap !== null && index >= mishap.after) return goWrong(response, mishap);
      said += tokens[index];
      const stop = stops.find((text) => said.includes(text));
      if (stop !== undefined) {
        chunk({}, 'stop');
        return end(response, push, body, promptTokens, index + 1);
      }
      chunk({ content: tokens[index] }, null);
    }
    chunk({}, most < tokens.length ? 'length' : 'stop');
    end(response, push, body, promptTokens, most);
  }

  async function pass(response: ServerResponse): Promise<void> {
    while (passes <= 0 && !response.destroyed && server.listening) {
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    passes--;
  }

  function embed(response: ServerResponse, body: Record<string, unknown>): void {
    const texts = body.input as string[];
    const data = texts.map((text, index) => ({ object: 'embedding', index, embedding: [text.length, 3, 4] }));
    // In another order, which the protocol allows.
    json(response, 200, {
      object: 'list',
      data: data.reverse(),
      usage: { prompt_tokens: texts.flatMap(tokensOf).length },
    });
  }

  await listen();
  onTestFinished(async () => {
    if (server.listening) await self.kill();
  });
  return self;
}

function countPrompt(messages: readonly Message[]): number {
  return messages.reduce((sum, { content }) => sum + 1 + tokensOf(content).length, 0);
}

function renderPrompt(messages: readonly Message[], prefills: boolean): string {
  const rendered = messages.map(({ role, content }) => `<|${role}|> ${content}`).join('\n');
  return prefills || messages.at(-1)?.role !== 'assistant' ? rendered : `${rendered}<|end|>\n<|assistant|>`;
}

/** What is left to say of the answer, where it is asked to go on with it as this kind of server understands it. */
function restOfAnswer(
  kind: ServerKind,
  messages: readonly Message[],
  body: Record<string, unknown>,
  prefills: boolean,
): string[] {
  const last = messages.at(-1);
  const question = messages.findLast(({ role }) => role === 'user')?.content ?? '';
  const whole = answerTo(question);
  const asked = body.continue_final_message === true && body.add_generation_prompt === false;
  const goesOn = (kind === 'llama-server' && prefills) || (kind === 'vllm' && asked);
  if (last?.role !== 'assistant' || !goesOn || !whole.startsWith(last.content)) return tokensOf(whole);
  return tokensOf(whole.slice(last.content.length));
}

function tooLong(kind: ServerKind, asked: number, most: number): unknown {
  if (kind === 'llama-server') {
    const message =
      'the request exceeds the available context size. try increasing the context size or enable context shift';
    return { code: 400, message, type: 'exceed_context_size_error', n_prompt_tokens: asked, n_ctx: most };
  }
  const message = `This model's maximum context length is ${most} tokens. However, you requested ${asked} tokens in the messages.`;
  return { message, type: 'BadRequestError', param: null, code: 400 };
}

function goWrong(response: ServerResponse, { kind }: Extract<Mishap, { after: number }>): void {
  switch (kind) {
    case 'dies':
      // Once what was said has left.
      response.write(': the last words\n\n', () => response.socket?.destroy());
      return;
    case 'stalls':
      return;
    case 'ends early':
      response.end();
      return;
    case 'sends garbage':
      response.write('data: <html>502 Bad Gateway</html>\n\n');
      return;
    case 'sends an endless event':
      response.write(`data: ${'x'.repeat(2 << 20)}`);
      return;
    case 'tells an error':
      response.write(
        'data: {"error":{"message":"CUDA out of memory while it read: my secret question","code":500}}\n\n',
      );
      response.end('data: [DONE]\n\n');
  }
}

function end(
  response: ServerResponse,
  push: (event: unknown) => void,
  body: Record<string, unknown>,
  prompt_tokens: number,
  completion_tokens: number,
): void {
  const asked = (body.stream_options as { include_usage?: boolean } | undefined)?.include_usage;
  const prompt_tokens_details = { cached_tokens: 2 };
  if (asked === true) push({ choices: [], usage: { prompt_tokens, completion_tokens, prompt_tokens_details } });
  response.end('data: [DONE]\n\n');
}

function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

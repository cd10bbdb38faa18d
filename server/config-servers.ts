import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** A server of other people's making that runs models and speaks OpenAI's protocol. */
export interface ServerConfig {
  /** What the names of its models begin with: `name/model`. */
  name: string;
  /** Without a slash at its end; ends with `/v1` for most. */
  baseUrl: string;
  apiKey: string | null;
  /** Null: found out. */
  kind: ServerKind | null;
  /** Tokens a conversation, where the server is not to be believed or does not say. */
  contextLength: number | null;
  /** How it goes on with an answer that was begun; null: as its kind does. */
  resume: 'continue' | 'prefill' | 'never' | null;
}

export type ServerKind = 'vllm' | 'llama-server' | 'ollama' | 'openai';

const mostServers = 32;
const baseUrl = z
  .string()
  .refine((value) => {
    if (!URL.canParse(value)) return false;
    const { protocol, username, password, search, hash } = new URL(value);
    return /^https?:$/.test(protocol) && username + password + search + hash === '';
  }, 'must be an address like http://localhost:11434/v1, without a key in it')
  .transform((value) => {
    const url = new URL(value);
    return url.origin + (url.pathname === '/' ? '/v1' : url.pathname.replace(/\/+$/, ''));
  });
/** It stands in a header. */
const apiKey = z.string().regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without blanks');
const tokens = z.int().min(256).max(10_485_760);

const entry = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,39}$/i, 'must be letters, digits, dots, dashes or underscores, 40 at most'),
  baseUrl,
  apiKey: apiKey.optional(),
  apiKeyFile: z.string().optional(),
  kind: z.enum(['vllm', 'llama-server', 'ollama', 'openai']).optional(),
  contextLength: tokens.optional(),
  resume: z.enum(['continue', 'prefill', 'never']).optional(),
});

const entries = z
  .array(entry)
  .max(mostServers)
  .refine((servers) => new Set(servers.map(({ name }) => name.toLowerCase())).size === servers.length, {
    message: 'two servers have one name',
  });

/** Settings that name servers; what they say is read by `readServers`. */
export const serverSettings = {
  OPENAI_BASE_URL: z.string().optional(),
  OPENAI_API_KEY: z.string().optional(),
  OPENAI_CONTEXT: z.string().optional(),
  OPENAI_SERVERS: z.string().optional(),
};

/** The servers that the settings name, the one of `OPENAI_BASE_URL` first; adds every mistake to `problems`, and no secret. */
export function readServers(given: Readonly<Record<string, string>>, problems: string[]): ServerConfig[] {
  const servers = [...readOne(given, problems), ...readMany(given.OPENAI_SERVERS, problems)];
  if (new Set(servers.map(({ name }) => name.toLowerCase())).size < servers.length) {
    problems.push(`OPENAI_SERVERS: the name ${nameOfOne} is that of OPENAI_BASE_URL`);
  }
  return servers;
}

const nameOfOne = 'openai';

function readOne(given: Readonly<Record<string, string>>, problems: string[]): ServerConfig[] {
  const { OPENAI_BASE_URL: url, OPENAI_API_KEY: key, OPENAI_CONTEXT: context } = given;
  if (url === undefined) return [];
  const base = { name: nameOfOne, baseUrl: url, ...(key !== undefined && { apiKey: key }) };
  const parsed = entry.safeParse({ ...base, ...(context !== undefined && { contextLength: Number(context) }) });
  if (parsed.success) return [toConfig(parsed.data, null)];
  const settings = { baseUrl: 'OPENAI_BASE_URL', apiKey: 'OPENAI_API_KEY', contextLength: 'OPENAI_CONTEXT' };
  for (const { path, message } of parsed.error.issues) {
    problems.push(`${settings[path[0] as keyof typeof settings]}: ${message}`);
  }
  return [];
}

function readMany(json: string | undefined, problems: string[]): ServerConfig[] {
  if (json === undefined) return [];
  const parsed = entries.safeParse(parseJson(json));
  if (!parsed.success) {
    for (const { path, message } of parsed.error.issues) {
      problems.push(`OPENAI_SERVERS${path.map((step) => `[${JSON.stringify(step)}]`).join('')}: ${message}`);
    }
    return [];
  }
  return parsed.data.map((server) => toConfig(server, readKey(server, problems)));
}

function readKey({ name, apiKey: key, apiKeyFile: file }: z.infer<typeof entry>, problems: string[]): string | null {
  if (file === undefined) return null;
  if (key !== undefined) problems.push(`OPENAI_SERVERS: ${name} has both apiKey and apiKeyFile`);
  try {
    return apiKey.parse(readFileSync(file, 'utf8').trim());
  } catch {
    problems.push(`OPENAI_SERVERS: ${name} has an apiKeyFile that cannot be read, or holds no key: ${file}`);
    return null;
  }
}

function toConfig(server: z.infer<typeof entry>, keyOfFile: string | null): ServerConfig {
  const { name, baseUrl: address, apiKey: key, kind, contextLength, resume } = server;
  return {
    name,
    baseUrl: address,
    apiKey: key ?? keyOfFile,
    kind: kind ?? null,
    contextLength: contextLength ?? null,
    resume: resume ?? null,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { readServers, type ServerConfig, serverSettings } from './config-servers.ts';

/** Every setting, read once; `.env.example` documents each. Paths are absolute. */
export interface Config {
  production: boolean;
  /** What this process does: everything, all but holding models, or that alone. */
  role: 'all' | 'api' | 'worker';
  listen: { host: string; port: number };
  http: {
    /** `host:port` values of the Host header that are ours; null: the loopback names with the port in use and 3000. */
    allowedHosts: readonly string[] | null;
    /** Origins of pages that may call us; null: the same names by http. */
    allowedOrigins: readonly string[] | null;
    trustProxy: boolean;
    graphiql: boolean;
    maxSocketsPerUser: number;
    maxSubscriptionsPerSocket: number;
  };
  log: { level: string; json: boolean };
  /** Where traces are sent by OTLP over HTTP, with which headers, under which name; null: nowhere. */
  tracing: { endpoint: string; headers: Record<string, string>; serviceName: string } | null;
  dataDir: string;
  database: { url: string | null };
  /** Null: everything is kept in this process. */
  redis: { url: string | null };
  cache: {
    ttlMs: number;
    maxBytes: number;
    scope: 'session' | 'user';
    /** How alike the wording of two prompts must be to share an answer; null: the same. */
    threshold: number | null;
    /** How near their meaning must be, by an embedding model. */
    meaningThreshold: number;
  };
  models: {
    dir: string;
    /** Name of the default model in the catalogue; null: the newest usable one. */
    preferred: string | null;
    /** Name of the model for embeddings in the catalogue; null: there is none. */
    embedding: string | null;
    /** Null: as many as there are cores that nothing else uses. */
    threads: number | null;
    sequences: number;
    /** Tokens a conversation; null: the model's own length up to 4096. */
    contextLength: number | null;
    gpu: 'auto' | false | 'cuda' | 'vulkan' | 'metal';
    /** A model that nobody has used for this long is let go; null: never. */
    idleTimeoutMs: number | null;
    /** Where saved states of conversations are kept, and what they may take together. */
    states: { dir: string; maxBytes: number };
  };
  /** OpenAI-compatible servers whose models answer too, in the order of the list. */
  servers: readonly ServerConfig[];
  serverTimeouts: ServerTimeouts;
  downloads: {
    /** Scheme, host and port of Hugging Face or a mirror of it. */
    endpoint: string;
    /** Further hosts that it may send us to. */
    hosts: readonly string[];
  };
  replies: {
    systemPrompt: string;
    temperature: number;
    maxTokens: number;
    timeoutMs: number;
    queueMax: number;
  };
}

/** How long is waited for a server that runs models. */
export interface ServerTimeouts {
  connectMs: number;
  /** For answers that are no text of a model: lists, counts, vectors. */
  answerMs: number;
  /** From the question to the first token, while the server says nothing of its progress. */
  firstTokenMs: number;
  nextTokenMs: number;
}

/** Exit code of a configuration error (EX_CONFIG of sysexits.h). */
export const configExitCode = 78;

export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

const defaultSystemPrompt =
  'You are a helpful assistant. Be accurate, clear and professional, and answer briefly unless asked for more. ' +
  'When you do not know something, say so.';

/** The settings of this process. Throws a ConfigError. */
export function configOfProcess(): Config {
  return readConfig(process.env, path.join(import.meta.dirname, '..'));
}

type Environment = Readonly<Record<string, string | undefined>>;

const flag = z
  .enum(['0', '1', 'true', 'false'], 'must be 0 or 1')
  .transform((value) => value === '1' || value === 'true');
const port = wholeNumber(0, 65_535);
const list = z.string().transform((value) =>
  value
    .split(',')
    .map((item) => item.trim().toLowerCase())
    .filter((item) => item !== ''),
);
const hosts = list.refine((names) => names.every((name) => /^(\[[0-9a-f:]+\]|[^\s/:]+)(:\d+)?$/.test(name)), {
  message: 'must be a comma-separated list of host or host:port',
});
const origins = list.refine((names) => names.every((name) => /^https?:\/\/[^\s/]+$/.test(name)), {
  message: 'must be a comma-separated list like http://localhost:3000',
});
const postgresUrl = z.string().refine((value) => ['postgres:', 'postgresql:'].includes(protocolOf(value)), {
  message: 'must begin with postgres:// or postgresql://',
});
const redisUrl = z.string().refine((value) => ['redis:', 'rediss:'].includes(protocolOf(value)), {
  message: 'must begin with redis:// or rediss://',
});
const hostName = z
  .string()
  .regex(/^([a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:]+\])$/i, 'must be a host name or an address');
const endpoint = z
  .string()
  .refine((value) => /^https?:$/.test(protocolOf(value)) && new URL(value).href === `${new URL(value).origin}/`, {
    message: 'must be an address like https://huggingface.co',
  })
  .transform((value) => new URL(value).origin);
const collector = z
  .string()
  .refine((value) => /^https?:$/.test(protocolOf(value)), { message: 'must be an address like http://localhost:4318' })
  .transform((value) => value.replace(/\/+$/, ''));
const headers = z
  .string()
  .refine((value) => value.split(',').every((pair) => /^\s*[\w-]+=[^=].*$/.test(pair)), {
    message: 'must be a comma-separated list of name=value',
  })
  .transform((value) =>
    Object.fromEntries(
      value.split(',').map((pair) => {
        const at = pair.indexOf('=');
        return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()] as const;
      }),
    ),
  );
const onOff = z.enum(['on', 'off'], 'must be on or off');

const settings = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(8000),
  ROLE: z
    .string()
    .transform((value) => value.toLowerCase())
    .pipe(z.enum(['all', 'api', 'worker'], 'must be all, api or worker'))
    .default('all'),
  APP_ENV: z.enum(['development', 'production'], 'must be development or production').default('development'),
  LOG_LEVEL: z
    .string()
    .transform((value) => value.toLowerCase())
    .pipe(
      z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], 'must be a level from trace to silent'),
    )
    .default('info'),
  GRAPHIQL: onOff.optional(),
  DATA_DIR: z.string().default('.data'),
  MODELS_DIR: z.string().default('models'),
  MODEL: z.string().optional(),
  EMBEDDING_MODEL: z.string().optional(),
  SYSTEM_PROMPT: z.string().max(4000, 'must be at most 4000 characters').default(defaultSystemPrompt),
  TEMPERATURE: decimal(0, 2).default(0.7),
  MAX_TOKENS: wholeNumber(1, 8192).default(1024),
  REPLY_TIMEOUT: wholeNumber(1, 86_400).default(600),
  QUEUE_MAX: wholeNumber(1, 100_000).default(100),
  MODEL_THREADS: wholeNumber(1, availableParallelism()).optional(),
  MODEL_SEQUENCES: wholeNumber(1, 64).default(8),
  MODEL_CONTEXT: wholeNumber(256, 1_048_576).optional(),
  MODEL_IDLE_TIMEOUT: wholeNumber(0, 31_536_000).default(1800),
  MODEL_STATES_MAX_BYTES: wholeNumber(0, 2 ** 50).default(2 ** 30),
  MODEL_GPU: z
    .enum(['auto', 'false', 'cuda', 'vulkan', 'metal'], 'must be auto, false, cuda, vulkan or metal')
    .transform((value) => (value === 'false' ? false : value))
    .default('auto'),
  ...serverSettings,
  OPENAI_CONNECT_TIMEOUT: wholeNumber(1, 600).default(5),
  OPENAI_FIRST_TOKEN_TIMEOUT: wholeNumber(1, 86_400).default(300),
  OPENAI_TOKEN_TIMEOUT: wholeNumber(1, 86_400).default(60),
  HF_ENDPOINT: endpoint.default('https://huggingface.co'),
  MODEL_HOSTS: hosts.default([]),
  DATABASE_URL: postgresUrl.optional(),
  POSTGRES_HOST: hostName.optional(),
  POSTGRES_PORT: port.default(5432),
  POSTGRES_USER: z.string().default('postgres'),
  POSTGRES_PASSWORD: z.string().optional(),
  POSTGRES_DB: z.string().default('pocketllm'),
  REDIS_URL: redisUrl.optional(),
  REDIS_HOST: hostName.optional(),
  REDIS_PORT: port.default(6379),
  REDIS_PASSWORD: z.string().optional(),
  CACHE_TTL: wholeNumber(0, 31_536_000).default(3600),
  CACHE_MAX_BYTES: wholeNumber(1024, 1_099_511_627_776).default(268_435_456),
  CACHE_SCOPE: z.enum(['session', 'user'], 'must be session or user').default('session'),
  CACHE_SIMILARITY: z
    .union([z.literal('off').transform(() => null), decimal(0, 1)], 'must be off or a number from 0 to 1')
    .default(0.75),
  CACHE_EMBEDDING_SIMILARITY: decimal(0, 1).default(0.9),
  AUTH: onOff.refine((value) => value === 'off', 'accounts do not exist yet, so only off is possible').default('off'),
  BEHIND_LOOPBACK: flag.default(false),
  MAX_SOCKETS_PER_USER: wholeNumber(1, 10_000).default(10),
  MAX_SUBSCRIPTIONS_PER_SOCKET: wholeNumber(1, 10_000).default(20),
  ALLOWED_HOSTS: hosts.optional(),
  ALLOWED_ORIGINS: origins.optional(),
  TRUST_PROXY: flag.default(false),
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.optional(),
  OTEL_EXPORTER_OTLP_HEADERS: headers.default({}),
  OTEL_SERVICE_NAME: z.string().default('pocketllm-portal'),
});

/** The names that `.env.example` must document. */
export const settingNames: readonly string[] = Object.keys(settings.shape);

/**
 * Reads the settings from `env`, an unset one from the `.env` file in `root`, and the rest from their defaults.
 * Throws a ConfigError that names every bad one at once.
 */
export function readConfig(env: Environment, root: string): Config {
  const file = path.join(root, '.env');
  const fromFile = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  const problems: string[] = [];
  const given: Record<string, string> = {};
  for (const name of settingNames) {
    const value = readSetting(name, env, problems) ?? readSetting(name, fromFile, problems);
    if (value !== undefined) given[name] = value;
  }
  const parsed = settings.safeParse(given);
  problems.push(...(parsed.error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  const servers = readServers(given, problems);
  if (given.HOST !== undefined && !isLoopback(given.HOST) && !['1', 'true'].includes(given.BEHIND_LOOPBACK ?? '')) {
    problems.push(
      `HOST: ${given.HOST} is reachable from other machines, which needs accounts (AUTH=on); ` +
        'set BEHIND_LOOPBACK=1 if only this machine can reach it',
    );
  }
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  const values = parsed.data;

  const dataDir = path.resolve(root, values.DATA_DIR);
  const production = values.APP_ENV === 'production';
  return {
    production,
    role: values.ROLE,
    listen: { host: values.HOST, port: values.PORT },
    http: {
      allowedHosts: values.ALLOWED_HOSTS ?? null,
      allowedOrigins: values.ALLOWED_ORIGINS ?? null,
      trustProxy: values.TRUST_PROXY,
      graphiql: (values.GRAPHIQL ?? (production ? 'off' : 'on')) === 'on',
      maxSocketsPerUser: values.MAX_SOCKETS_PER_USER,
      maxSubscriptionsPerSocket: values.MAX_SUBSCRIPTIONS_PER_SOCKET,
    },
    log: { level: values.LOG_LEVEL, json: production },
    tracing:
      values.OTEL_EXPORTER_OTLP_ENDPOINT === undefined
        ? null
        : {
            endpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT,
            headers: values.OTEL_EXPORTER_OTLP_HEADERS,
            serviceName: values.OTEL_SERVICE_NAME,
          },
    dataDir,
    database: { url: values.DATABASE_URL ?? composePostgresUrl(values) },
    redis: { url: values.REDIS_URL ?? composeRedisUrl(values) },
    cache: {
      ttlMs: values.CACHE_TTL * 1000,
      maxBytes: values.CACHE_MAX_BYTES,
      scope: values.CACHE_SCOPE,
      threshold: values.CACHE_SIMILARITY,
      meaningThreshold: values.CACHE_EMBEDDING_SIMILARITY,
    },
    models: {
      dir: path.resolve(root, values.MODELS_DIR),
      preferred: values.MODEL ?? null,
      embedding: values.EMBEDDING_MODEL ?? null,
      threads: values.MODEL_THREADS ?? null,
      sequences: values.MODEL_SEQUENCES,
      contextLength: values.MODEL_CONTEXT ?? null,
      gpu: values.MODEL_GPU,
      idleTimeoutMs: values.MODEL_IDLE_TIMEOUT === 0 ? null : values.MODEL_IDLE_TIMEOUT * 1000,
      states: { dir: path.join(dataDir, 'states'), maxBytes: values.MODEL_STATES_MAX_BYTES },
    },
    servers,
    serverTimeouts: {
      connectMs: values.OPENAI_CONNECT_TIMEOUT * 1000,
      answerMs: 30_000,
      firstTokenMs: values.OPENAI_FIRST_TOKEN_TIMEOUT * 1000,
      nextTokenMs: values.OPENAI_TOKEN_TIMEOUT * 1000,
    },
    downloads: { endpoint: values.HF_ENDPOINT, hosts: values.MODEL_HOSTS },
    replies: {
      systemPrompt: values.SYSTEM_PROMPT,
      temperature: values.TEMPERATURE,
      maxTokens: values.MAX_TOKENS,
      timeoutMs: values.REPLY_TIMEOUT * 1000,
      queueMax: values.QUEUE_MAX,
    },
  };
}

/** What llama.cpp needs to find its libraries and devices. */
const childSettingNames =
  /^(PATH|HOME|LANG|LC_ALL|TZ|TMPDIR|TEMP|TMP|SystemRoot|USERPROFILE|LD_LIBRARY_PATH|DYLD_LIBRARY_PATH|(CUDA|NVIDIA|GGML|VK|HSA|ROCR)_\w+)$/;

/** The part of our environment that a child process may see: nothing that could be a secret. */
export function childEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter(([name]) => childSettingNames.test(name));
  return Object.fromEntries(entries.map(([name, value]) => [name, value ?? '']));
}

/** Whether only this machine can reach what listens there. */
function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}

/** The value of `NAME`, or of the file that `NAME_FILE` names; an empty one is unset. */
function readSetting(name: string, env: Environment, problems: string[]): string | undefined {
  const value = env[name] === '' ? undefined : env[name];
  const file = env[`${name}_FILE`];
  if (file === undefined || file === '') return value;
  if (value !== undefined) {
    problems.push(`${name}: set either ${name} or ${name}_FILE, not both`);
    return undefined;
  }
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch {
    problems.push(`${name}_FILE: cannot read ${file}`);
    return undefined;
  }
}

function composePostgresUrl(values: z.infer<typeof settings>): string | null {
  if (values.POSTGRES_HOST === undefined) return null;
  const url = new URL('postgresql://host');
  url.hostname = values.POSTGRES_HOST;
  url.port = String(values.POSTGRES_PORT);
  url.username = encodeURIComponent(values.POSTGRES_USER);
  url.password = encodeURIComponent(values.POSTGRES_PASSWORD ?? '');
  url.pathname = `/${encodeURIComponent(values.POSTGRES_DB)}`;
  return url.href;
}

function composeRedisUrl(values: z.infer<typeof settings>): string | null {
  if (values.REDIS_HOST === undefined) return null;
  const password = values.REDIS_PASSWORD === undefined ? '' : `:${encodeURIComponent(values.REDIS_PASSWORD)}@`;
  return `redis://${password}${values.REDIS_HOST}:${values.REDIS_PORT}`;
}

function protocolOf(value: string): string {
  return URL.canParse(value) ? new URL(value).protocol : '';
}

function wholeNumber(min: number, max: number) {
  return numeric(
    `must be a whole number from ${min} to ${max}`,
    (value) => Number.isInteger(value) && value >= min && value <= max,
  );
}

function decimal(min: number, max: number) {
  return numeric(`must be a number from ${min} to ${max}`, (value) => value >= min && value <= max);
}

function numeric(message: string, accepts: (value: number) => boolean) {
  return z
    .string()
    .refine((text) => text.trim() !== '' && accepts(Number(text)), { message })
    .transform(Number);
}

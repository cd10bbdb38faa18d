import { type Logger, type LoggerOptions, pino } from 'pino';
import type { Config } from './config.ts';
import { requestScope } from './request-scope.ts';

export type { Logger };

/** What every line says, wherever it is written to. */
export const lineOptions = {
  timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
  mixin: () => ({ request_id: requestScope.getStore()?.id }),
  serializers: { err: describeError },
} satisfies LoggerOptions;

const readable = {
  target: 'pino-pretty',
  options: { timestampKey: 'timestamp', translateTime: 'HH:MM:ss', ignore: 'pid,hostname', singleLine: true },
};

/** JSON lines in production, readable ones on a terminal. Never the text of a conversation. */
export function createLogger(config: Config['log']): Logger {
  return pino({ level: config.level, ...lineOptions, ...(config.json ? {} : { transport: readable }) });
}

/** What an error says of itself, and no more: further fields of a database's error can hold the row that was refused. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  return {
    type: name,
    ...('code' in error && { code: error.code }),
    message,
    stack,
    ...(cause !== undefined && { cause: describeError(cause) }),
  };
}

import { type Logger, pino } from 'pino';
import type { Config } from './config.ts';
import { requestScope } from './request-scope.ts';

export type { Logger };

/** JSON lines in production, readable ones on a terminal. Never the text of a conversation. */
export function createLogger(config: Config['log']): Logger {
  return pino({
    level: config.level,
    timestamp: pino.stdTimeFunctions.isoTime,
    mixin: () => ({ request_id: requestScope.getStore() }),
    ...(config.json
      ? {}
      : { transport: { target: 'pino-pretty', options: { translateTime: 'HH:MM:ss', ignore: 'pid,hostname' } } }),
  });
}

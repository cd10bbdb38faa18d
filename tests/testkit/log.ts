import { Writable } from 'node:stream';
import { pino } from 'pino';
import { type Logger, lineOptions } from '../../server/logger.ts';

export type LogLine = Record<string, unknown> & { msg: string };

export interface CollectedLog {
  logger: Logger;
  /** Those with this message, oldest first. */
  lines(message: string): LogLine[];
  /** Everything, as it was written. */
  text(): string;
}

/** A log of the portal as production writes it, every level of it, kept for the test. */
export function collectLog(): CollectedLog {
  const written: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      written.push(String(chunk));
      done();
    },
  });
  return {
    logger: pino({ level: 'trace', ...lineOptions }, stream),
    lines: (message) => written.map((line) => JSON.parse(line) as LogLine).filter(({ msg }) => msg === message),
    text: () => written.join(''),
  };
}

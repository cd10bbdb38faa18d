import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { createDatabaseServer, type Database } from '../../server/stores/database.ts';

/** The database behind a URL as the portal opens it; closed when the test ends. */
export async function openTestDatabase(url: string): Promise<Database> {
  const server = createDatabaseServer({ url, dataDir: '/nonexistent', logger: pino({ level: 'silent' }) });
  onTestFinished(() => server.close());
  return server.open(new AbortController().signal);
}

import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import type { exportedMessageOf, exportedSessionOf } from '../../server/chat/export-json.ts';
import type { Problem } from './rest.ts';

export interface ImportReport {
  imported: number;
  skipped: number;
  failed: number;
  items: { title: string; session_id?: string; outcome: string; reason?: string }[];
}

export type MessageOfExport = ReturnType<typeof exportedMessageOf>;

export type SessionOfExport = ReturnType<typeof exportedSessionOf> & {
  export_version?: string;
  exported_at?: string;
  messages: MessageOfExport[];
};

export interface WholeExport {
  export_version: string;
  exported_at: string;
  sessions: SessionOfExport[];
}

export interface ImportAnswer {
  status: number;
  report: ImportReport;
  problem: Problem;
}

type Body = string | Buffer | ReadableStream<Uint8Array>;

/** Sends a file to `POST /import`: bytes, a stream, or a value that is written as JSON. */
export async function importFile(
  url: string,
  file: unknown,
  { type = 'application/json', dryRun = false, headers = {} as Record<string, string> } = {},
): Promise<ImportAnswer> {
  const raw = typeof file === 'string' || Buffer.isBuffer(file) || file instanceof ReadableStream;
  const response = await fetch(`${url}/api/v1/import${dryRun ? '?dry_run=true' : ''}`, {
    method: 'POST',
    headers: { 'content-type': type, ...headers },
    body: (raw ? file : JSON.stringify(file)) as Body as RequestInit['body'],
    duplex: 'half',
  } as RequestInit);
  const body = (await response.json()) as ImportReport & Problem;
  return { status: response.status, report: body, problem: body };
}

/** Imports what must be taken over without a failure. */
export async function mustImport(url: string, file: unknown): Promise<ImportReport> {
  const { status, report } = await importFile(url, file);
  if (status !== 200 || report.failed > 0) throw new Error(JSON.stringify(report));
  return report;
}

export async function exportSession(url: string, id: string): Promise<SessionOfExport> {
  return (await (await fetch(`${url}/api/v1/sessions/${id}/export`)).json()) as SessionOfExport;
}

export async function exportAll(url: string): Promise<WholeExport> {
  return (await (await fetch(`${url}/api/v1/export`)).json()) as WholeExport;
}

/** A zip archive with these files. */
export async function zipOf(files: Record<string, unknown>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files)) {
    zip.addBuffer(Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content)), name);
  }
  zip.end();
  return buffer(zip.outputStream);
}

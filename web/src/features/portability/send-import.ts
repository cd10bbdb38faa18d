export interface ImportItem {
  title: string;
  /** Where the conversation is; absent where it is nowhere. */
  session_id?: string;
  outcome: 'imported' | 'skipped' | 'failed';
  /** Why, or what was left out and repaired. */
  reason?: string;
}

/** What became of a file, or what would become of it. */
export interface ImportReport {
  imported: number;
  skipped: number;
  failed: number;
  items: ImportItem[];
}

const largestBytes = 100 * 2 ** 20;

/**
 * Sends a file to be imported, or only to be looked at. Throws an Error with words for the person who chose it, and an
 * `AbortError` where the signal aborts.
 */
export async function sendImport(file: File, dryRun: boolean, signal: AbortSignal): Promise<ImportReport> {
  if (file.size > largestBytes)
    throw new Error('The file is larger than 100 MiB, which is the most that can be imported.');
  const response = await fetch(`/api/v1/import?dry_run=${dryRun}`, {
    method: 'POST',
    headers: { 'content-type': (await isZip(file)) ? 'application/zip' : 'application/json' },
    body: file,
    signal,
  }).catch((error: unknown) => {
    if (signal.aborted) throw error;
    throw new Error('The portal cannot be reached, or the file changed while it was read.');
  });
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok && isReport(answer)) return answer;
  throw new Error(detailOf(answer) ?? `The portal refused the file (${response.status}).`);
}

/** By its first bytes: names and types are what somebody said. */
async function isZip(file: File): Promise<boolean> {
  const bytes = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  return bytes[0] === 0x50 && bytes[1] === 0x4b;
}

function isReport(value: unknown): value is ImportReport {
  return typeof value === 'object' && value !== null && 'items' in value && Array.isArray(value.items);
}

/** What a problem document says to people; null where it is none. */
function detailOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null;
  const { detail, title } = value as { detail?: unknown; title?: unknown };
  if (typeof detail === 'string') return detail;
  return typeof title === 'string' ? title : null;
}

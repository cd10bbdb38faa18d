import { useEffect, useState } from 'react';
import { useClient, useMutation } from 'urql';
import { Button } from '../../components/button.tsx';
import { showNotice } from '../../components/notices.tsx';
import type { DownloadPartsFragment } from '../../gql/graphql.ts';
import { bytesText } from '../../lib/bytes.ts';
import { problemOf } from '../../lib/errors.ts';
import { roughSpan } from '../../lib/spans.ts';
import { CancelDownload, FollowDownload } from './download-documents.ts';

/** Less than this is fetched again in moments, and thrown away without asking. */
const worthAskingBytes = 50_000_000;

/** How far a download is, followed to its end, and the way to end it here. */
export function DownloadProgress({ download }: { download: DownloadPartsFragment }) {
  const { id, name, receivedBytes, totalBytes } = download;
  const client = useClient();
  const [{ fetching }, cancel] = useMutation(CancelDownload);
  // What had arrived when it was asked: a question that changes its number is read out with each change.
  const [askedBytes, setAskedBytes] = useState<number | null>(null);
  const share = totalBytes ? Math.min(1, receivedBytes / totalBytes) : null;

  useEffect(() => client.subscription(FollowDownload, { id }).subscribe(() => {}).unsubscribe, [client, id]);

  async function end() {
    const { error } = await cancel({ id });
    if (error) showNotice(problemOf(error).message);
  }

  return (
    <div className="mt-1.5 flex flex-wrap items-center gap-x-3">
      <div className="min-w-0 flex-1">
        <div
          role="progressbar"
          aria-label={`Download of ${name}`}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={share === null ? undefined : Math.floor(share * 100)}
          className="h-1.5 overflow-hidden rounded-full bg-line"
        >
          <div
            className="h-full rounded-full bg-accent transition-[width]"
            style={{ width: `${(share ?? 0) * 100}%` }}
          />
        </div>
        <p className="mt-1 text-ink-soft text-xs tabular-nums">{progressText(download)}</p>
      </div>
      <Button
        disabled={fetching}
        onClick={() => (receivedBytes > worthAskingBytes ? setAskedBytes(receivedBytes) : void end())}
        aria-label={`Cancel the download of ${name}`}
        className="h-8 px-3"
      >
        Cancel
      </Button>
      {askedBytes !== null && (
        <div role="alert" className="mt-1 flex w-full flex-wrap items-center justify-end gap-2 text-sm">
          <p className="flex-1">Throw away {bytesText(askedBytes)}?</p>
          <Button onClick={() => setAskedBytes(null)}>Keep</Button>
          <Button look="danger" disabled={fetching} onClick={end}>
            Cancel download
          </Button>
        </div>
      )}
    </div>
  );
}

function progressText({ receivedBytes, totalBytes, bytesPerSecond }: DownloadPartsFragment): string {
  const received = totalBytes ? `${bytesText(receivedBytes)} of ${bytesText(totalBytes)}` : bytesText(receivedBytes);
  if (!bytesPerSecond) return `${received}, waiting for the host`;
  const speed = `${received}, ${bytesText(bytesPerSecond)}/s`;
  return totalBytes ? `${speed}, about ${roughSpan((totalBytes - receivedBytes) / bytesPerSecond)} left` : speed;
}

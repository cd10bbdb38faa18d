import type { Client } from 'urql';
import { showNotice } from '../../components/notices.tsx';
import { readFragment } from '../../gql/index.ts';
import { DownloadParts, FollowDownload } from './download-documents.ts';

/** Follows a download that this page began to its end, wherever the reader goes meanwhile, and says how it ended. */
export function followDownload(client: Client, id: string): void {
  client.subscription(FollowDownload, { id }).subscribe(({ data }) => {
    const download = data && readFragment(DownloadParts, data.modelDownload);
    if (download?.status === 'COMPLETE') showNotice(`${download.name} is here and can answer.`);
    if (download?.status === 'FAILED') showNotice(download.error ?? `${download.name} could not be fetched.`);
  });
}

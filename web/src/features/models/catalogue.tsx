import { Check } from 'lucide-react';
import { useState } from 'react';
import { useClient, useMutation, useQuery } from 'urql';
import { Button } from '../../components/button.tsx';
import { showNotice } from '../../components/notices.tsx';
import { TextField } from '../../components/text-field.tsx';
import type { CatalogueQuery, DownloadPartsFragment } from '../../gql/graphql.ts';
import { readFragment } from '../../gql/index.ts';
import { bytesText } from '../../lib/bytes.ts';
import { cn } from '../../lib/class-names.ts';
import { problemOf } from '../../lib/errors.ts';
import { Catalogue, DownloadParts, Downloads, PullModel } from './download-documents.ts';
import { DownloadProgress } from './download-progress.tsx';
import { followDownload } from './follow-download.ts';
import { modelFacts } from './model-facts.ts';

type Entry = CatalogueQuery['modelCatalogue'][number];

/** What can be brought onto this machine, and how far it is on its way. */
export function CatalogueList() {
  const [{ data, error, fetching }] = useQuery({ query: Catalogue, requestPolicy: 'cache-and-network' });
  const [{ data: listed }] = useQuery({ query: Downloads, requestPolicy: 'cache-and-network' });
  const entries = data?.modelCatalogue ?? [];
  const downloads = (listed?.modelDownloads ?? []).map((download) => readFragment(DownloadParts, download));
  const byName = new Map(downloads.toReversed().map((download) => [download.name, download]));
  const others = [...byName.values()].filter(
    ({ name, status }) =>
      !entries.some((entry) => entry.name === name) && (status === 'RUNNING' || status === 'FAILED'),
  );

  return (
    <>
      {data === undefined && (
        <p className="text-ink-soft text-sm">{fetching ? 'Loading…' : error && problemOf(error).message}</p>
      )}
      <PullByAddress />
      <ul className="mt-2 divide-y divide-line">
        {others.map((download) => (
          <li key={download.id} className="py-2.5">
            <p className="font-medium text-sm [overflow-wrap:anywhere]">{download.name}</p>
            <DownloadState download={download} />
          </li>
        ))}
        {entries.map((entry) => (
          <CatalogueRow key={entry.name} entry={entry} download={byName.get(entry.name) ?? null} />
        ))}
      </ul>
    </>
  );
}

function CatalogueRow({ entry, download }: { entry: Entry; download: DownloadPartsFragment | null }) {
  const { name, license, memoryEstimateBytes, fits, installed } = entry;
  const isShown = download?.status === 'RUNNING' || (download?.status === 'FAILED' && !installed);
  return (
    <li className="py-2.5">
      <div className="flex items-start gap-3">
        <div className="min-w-0 flex-1">
          <p className="font-medium text-sm [overflow-wrap:anywhere]">{name}</p>
          <p className="text-ink-soft text-xs">
            {modelFacts(entry)}, licence {license}
          </p>
          <p className={cn('text-xs', fits ? 'text-ink-soft' : 'text-warn')}>
            {fits ? 'Fits' : 'Does not fit'}: takes about {bytesText(memoryEstimateBytes)} of memory
          </p>
        </div>
        {installed ? (
          <p className="flex shrink-0 items-center gap-1.5 py-1 text-accent text-sm">
            <Check size={16} aria-hidden />
            Installed
          </p>
        ) : (
          !isShown && <PullButton name={name} label="Get" />
        )}
      </div>
      {download !== null && isShown && <DownloadState download={download} />}
    </li>
  );
}

function DownloadState({ download }: { download: DownloadPartsFragment }) {
  if (download.status === 'RUNNING') return <DownloadProgress download={download} />;
  return (
    <div role="alert" className="mt-1.5 flex items-center gap-3">
      <p className="min-w-0 flex-1 text-danger text-sm [overflow-wrap:anywhere]">{download.error}</p>
      <PullButton name={download.name} label="Try again" />
    </div>
  );
}

function PullButton({ name, label }: { name: string; label: string }) {
  const client = useClient();
  const [{ fetching }, pull] = useMutation(PullModel);
  const onClick = async () => {
    const { data, error } = await pull({ name });
    if (error) showNotice(problemOf(error).message);
    if (data) followDownload(client, readFragment(DownloadParts, data.pullModel).id);
  };
  return (
    <Button disabled={fetching} onClick={onClick} aria-label={`${label} ${name}`} className="h-8 shrink-0 px-3">
      {label}
    </Button>
  );
}

/** Any other file of Hugging Face. */
function PullByAddress() {
  const client = useClient();
  const [address, setAddress] = useState('');
  const [{ fetching, error }, pull] = useMutation(PullModel);
  const name = address.trim();
  return (
    <form
      className="mt-1.5 flex items-start gap-2"
      onSubmit={async (event) => {
        event.preventDefault();
        const result = await pull({ name });
        if (result.error || !result.data) return;
        setAddress('');
        followDownload(client, readFragment(DownloadParts, result.data.pullModel).id);
      }}
    >
      <TextField
        label="Another GGUF file of Hugging Face"
        placeholder="hf:owner/repository/file.gguf"
        value={address}
        onChange={setAddress}
        problem={error && problemOf(error).message}
        spellCheck={false}
        autoCapitalize="off"
        className="min-w-0 flex-1"
      />
      <Button type="submit" disabled={name === '' || fetching} className="mt-6.5 h-9.5 shrink-0">
        Get
      </Button>
    </form>
  );
}

import { Dialog } from '../../components/dialog.tsx';
import { ImportPane } from './import-pane.tsx';

interface Props {
  /** A file that was dropped onto the page. */
  file: File | null;
  onClose: () => void;
}

const exports = [
  ['JSON', 'json', 'Everything, branches and receipts too; it can be imported again'],
  ['Markdown', 'markdown', 'To read and to print; the branches that are shown'],
] as const;

/** Taking everything along, and bringing conversations in. */
export default function PortabilityDialog({ file, onClose }: Props) {
  return (
    <Dialog title="Import and export" onClose={onClose} className="max-h-[85dvh] max-w-xl overflow-y-auto">
      <section aria-labelledby="import-title" className="mt-3">
        <h2 id="import-title" className="font-medium text-sm">
          Bring conversations in
        </h2>
        <ImportPane dropped={file} onClose={onClose} />
      </section>
      <section aria-labelledby="export-title" className="mt-6">
        <h2 id="export-title" className="font-medium text-sm">
          Take all conversations along
        </h2>
        <ul className="mt-2 grid gap-2 sm:grid-cols-2">
          {exports.map(([name, format, about]) => (
            <li key={format}>
              <a
                href={`/api/v1/export?format=${format}`}
                download
                className="block h-full rounded-xl border border-line px-4 py-2.5 hover:border-accent hover:bg-accent-soft"
              >
                <span className="block font-medium text-sm">Export as {name}</span>
                <span className="block text-ink-soft text-xs">{about}</span>
              </a>
            </li>
          ))}
        </ul>
      </section>
    </Dialog>
  );
}

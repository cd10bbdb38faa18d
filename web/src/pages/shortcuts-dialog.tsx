import { Dialog } from '../components/dialog.tsx';
import { modifierName } from './use-shortcuts.ts';

const shortcuts = [
  ['New chat', [modifierName, 'Shift', 'O']],
  ['Search', [modifierName, 'K']],
  ['Show or hide the sidebar', [modifierName, 'B']],
  ['Go to the input', ['Shift', 'Esc']],
  ['Stop the answer, or close what is open', ['Esc']],
  ['Send', ['Enter']],
  ['New line', ['Shift', 'Enter']],
  ['Templates, in an empty message', ['/']],
  ['These shortcuts', [modifierName, '/']],
] as const;

export default function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <dl className="mt-3 space-y-2.5">
        {shortcuts.map(([name, keys]) => (
          <div key={name} className="flex items-center justify-between gap-4">
            <dt>{name}</dt>
            <dd className="flex gap-1">
              {keys.map((key) => (
                <kbd key={key} className="rounded-md border border-line bg-sunken px-1.5 py-0.5 font-sans text-xs">
                  {key}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}

import type { LucideIcon } from 'lucide-react';
import { IconButton } from './icon-button.tsx';
import { Popover } from './popover.tsx';

export interface MenuItem {
  icon: LucideIcon;
  label: string;
  /** What it does, or the file that it leads to. */
  action: (() => void) | { download: string };
}

interface Props {
  icon: LucideIcon;
  label: string;
  items: readonly MenuItem[];
}

const row = 'flex w-full items-center gap-2.5 rounded-lg px-2.5 py-2 text-left hover:bg-sunken';

/** Further things to do, behind a button. */
export function Menu({ icon, label, items }: Props) {
  return (
    <Popover
      label={label}
      side="below"
      className="w-max p-1.5"
      trigger={(props) => <IconButton icon={icon} label={label} tipSide="left" {...props} />}
    >
      {(close) => (
        <ul>
          {items.map(({ icon: Icon, label: name, action }) => (
            <li key={name}>
              {typeof action === 'function' ? (
                <button
                  type="button"
                  className={row}
                  onClick={() => {
                    close();
                    action();
                  }}
                >
                  <Icon size={16} aria-hidden className="shrink-0 text-ink-soft" />
                  {name}
                </button>
              ) : (
                <a href={action.download} download className={row} onClick={close}>
                  <Icon size={16} aria-hidden className="shrink-0 text-ink-soft" />
                  {name}
                </a>
              )}
            </li>
          ))}
        </ul>
      )}
    </Popover>
  );
}

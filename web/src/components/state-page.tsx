import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

interface Props {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
  /** What can be done about it. */
  action?: ReactNode;
}

/** A whole pane that has nothing else to show: why, and what now. */
export function StatePage({ icon: Icon, title, children, action }: Props) {
  return (
    <div className="flex h-full flex-col items-center justify-center gap-3 px-6 text-center">
      <div className="rounded-2xl bg-sunken p-4 text-ink-soft">
        <Icon size={26} aria-hidden />
      </div>
      <h1 className="font-semibold text-lg">{title}</h1>
      {children !== undefined && <div className="max-w-md text-ink-soft">{children}</div>}
      {action}
    </div>
  );
}

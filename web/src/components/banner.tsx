import { type LucideIcon, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { cn } from '../lib/class-names.ts';
import { IconButton } from './icon-button.tsx';

const tones = {
  warn: 'bg-warn-soft text-warn',
  danger: 'bg-danger-soft text-danger',
} as const;

interface Props {
  icon: LucideIcon;
  tone: keyof typeof tones;
  children: ReactNode;
  onDismiss?: () => void;
  className?: string;
}

/** Something that a person should know, across the pane. */
export function Banner({ icon: Icon, tone, children, onDismiss, className }: Props) {
  return (
    <div role="status" className={cn('flex items-start gap-3 px-4 py-2.5 text-sm', tones[tone], className)}>
      <Icon size={17} aria-hidden className="mt-0.5 shrink-0" />
      <div className="min-w-0 flex-1">{children}</div>
      {onDismiss !== undefined && (
        <IconButton
          icon={X}
          label="Dismiss"
          size="small"
          tipSide="left"
          onClick={onDismiss}
          className="-my-1 text-current hover:bg-transparent hover:text-current hover:opacity-70"
        />
      )}
    </div>
  );
}

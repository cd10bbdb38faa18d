import type { LucideIcon } from 'lucide-react';
import type { ComponentProps } from 'react';
import { cn } from '../lib/class-names.ts';

interface Props extends Omit<ComponentProps<'button'>, 'children'> {
  icon: LucideIcon;
  /** Its name, also shown as a tip. */
  label: string;
  size?: 'small' | 'normal';
  /** Shown as being on. */
  active?: boolean;
  /** Where the tip is aligned, so that it stays on the page. */
  tipSide?: 'left' | 'right' | 'middle' | 'none';
}

/** A button of one icon. */
export function IconButton({
  icon: Icon,
  label,
  size = 'normal',
  active = false,
  tipSide = 'middle',
  className,
  ...rest
}: Props) {
  const small = size === 'small';
  return (
    <button
      type="button"
      aria-label={label}
      data-tip={label}
      data-tip-side={tipSide}
      className={cn(
        'inline-flex shrink-0 items-center justify-center rounded-lg transition-colors hover:bg-sunken',
        active ? 'text-accent' : 'text-ink-soft hover:text-ink',
        'disabled:pointer-events-none disabled:opacity-40',
        tipSide !== 'none' && 'tip',
        small ? 'size-8' : 'size-9 pointer-coarse:size-10',
        className,
      )}
      {...rest}
    >
      <Icon size={small ? 16 : 18} aria-hidden fill={active ? 'currentColor' : 'none'} />
    </button>
  );
}

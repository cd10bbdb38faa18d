import type { ComponentProps } from 'react';
import { cn } from '../lib/class-names.ts';

const looks = {
  primary: 'bg-accent text-accent-ink hover:brightness-95',
  quiet: 'border border-line bg-surface text-ink hover:bg-sunken',
  danger: 'bg-danger text-danger-ink hover:brightness-95',
  plain: 'text-ink hover:bg-sunken',
} as const;

interface Props extends ComponentProps<'button'> {
  look?: keyof typeof looks;
}

export function Button({ look = 'quiet', className, ...rest }: Props) {
  return (
    <button
      type="button"
      className={cn(
        'inline-flex h-9 items-center justify-center gap-2 rounded-lg px-3.5 font-medium text-sm transition-colors',
        'disabled:opacity-50',
        looks[look],
        className,
      )}
      {...rest}
    />
  );
}

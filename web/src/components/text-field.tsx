import { type ComponentProps, useId } from 'react';
import { cn } from '../lib/class-names.ts';

interface Common {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** Why it cannot be taken as it is. */
  problem?: string | undefined;
  hint?: string;
}

type Props = Common & Omit<ComponentProps<'textarea'> & ComponentProps<'input'>, keyof Common | 'ref'>;

/** A labelled field of text: one line, or as many as `rows` says. */
export function TextField({ label, value, onChange, problem, hint, rows, className, ...rest }: Props) {
  const id = useId();
  const field = {
    id,
    value,
    'aria-invalid': problem !== undefined,
    'aria-describedby': problem !== undefined || hint !== undefined ? `${id}-more` : undefined,
    className:
      'w-full rounded-lg border border-line-strong/50 bg-surface px-3 py-2 text-base outline-offset-0 placeholder:text-ink-soft sm:text-sm',
    ...rest,
  };
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1 block font-medium text-sm">
        {label}
      </label>
      {rows === undefined ? (
        <input type="text" {...field} onChange={(event) => onChange(event.target.value)} />
      ) : (
        <textarea rows={rows} {...field} onChange={(event) => onChange(event.target.value)} />
      )}
      {(problem ?? hint) !== undefined && (
        <p id={`${id}-more`} className={cn('mt-1 text-xs', problem === undefined ? 'text-ink-soft' : 'text-danger')}>
          {problem ?? hint}
        </p>
      )}
    </div>
  );
}

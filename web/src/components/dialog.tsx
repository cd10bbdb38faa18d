import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { cn } from '../lib/class-names.ts';
import { IconButton } from './icon-button.tsx';

interface Props {
  title: string;
  description?: string;
  /** Its title is for screen readers alone. */
  titleHidden?: boolean;
  onClose: () => void;
  /** `top` for lists that grow, `side` for a panel at the left edge. */
  place?: 'middle' | 'top' | 'side';
  className?: string;
  children: ReactNode;
}

const places = {
  middle: 'top-1/2 left-1/2 w-[calc(100vw-2rem)] max-w-md -translate-x-1/2 -translate-y-1/2 rounded-2xl p-5',
  top: 'top-[max(1rem,10dvh)] left-1/2 max-h-[80dvh] w-[calc(100vw-1.5rem)] max-w-2xl -translate-x-1/2 rounded-2xl',
  side: 'inset-y-0 left-0 w-[min(20rem,86vw)] border-r',
} as const;

/** A modal dialog: keeps the focus inside, closes by Escape and by a click beside it, and gives the focus back. */
export function Dialog({
  title,
  description,
  titleHidden = false,
  onClose,
  place = 'middle',
  className,
  children,
}: Props) {
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="appear fixed inset-0 z-40 bg-black/40" />
        <Radix.Content
          className={cn(
            'appear fixed z-50 flex flex-col border border-line bg-raised shadow-float outline-none',
            places[place],
            className,
          )}
          // A notice lies above the dialog: to dismiss it is no click beside.
          onPointerDownOutside={(event) => {
            if (event.target instanceof Element && event.target.closest('[data-notices]')) event.preventDefault();
          }}
          {...(description === undefined && { 'aria-describedby': undefined })}
        >
          <div className={titleHidden ? 'sr-only' : 'flex items-center justify-between gap-4'}>
            <Radix.Title className="font-semibold text-lg">{title}</Radix.Title>
            {!titleHidden && (
              <Radix.Close asChild>
                <IconButton icon={X} label="Close" tipSide="none" className="-mr-2" />
              </Radix.Close>
            )}
          </div>
          {description !== undefined && (
            <Radix.Description className="mt-1 text-ink-soft">{description}</Radix.Description>
          )}
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

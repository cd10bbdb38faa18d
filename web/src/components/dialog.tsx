import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { type ReactNode, type RefObject, useRef, useState } from 'react';
import { cn } from '../lib/class-names.ts';
import { useUnloadGuard } from '../lib/use-unload-guard.ts';
import { Button } from './button.tsx';
import { IconButton } from './icon-button.tsx';

interface Props {
  title: string;
  description?: string;
  /** Its title is for screen readers alone. */
  titleHidden?: boolean;
  onClose: () => void;
  /** Something is written here that closing throws away: a click beside it does nothing then, and Escape, Close and leaving the page ask first. */
  unsaved?: boolean;
  /** What has the focus first; the first that can have it, unless told or unless something in it takes it. */
  focusFirst?: RefObject<HTMLElement | null>;
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
  unsaved = false,
  focusFirst,
  place = 'middle',
  className,
  children,
}: Props) {
  const [isAsking, setAsking] = useState(false);
  const keepButton = useRef<HTMLButtonElement>(null);
  const [opener] = useState(() => document.activeElement);
  useUnloadGuard(unsaved);
  const close = () => (unsaved ? setAsking(true) : onClose());
  const throwAway = () => {
    setAsking(false);
    onClose();
  };
  return (
    <Radix.Root open onOpenChange={(open) => !open && close()}>
      <Radix.Portal>
        <Radix.Overlay
          className="appear fixed inset-0 z-50 bg-black/40"
          // Where a tap beside does nothing, the focus stays in the field as well.
          onMouseDown={(event) => event.preventDefault()}
        />
        <Radix.Content
          data-dialog={place}
          data-unsaved={unsaved || undefined}
          onInteractOutside={(event) => unsaved && event.preventDefault()}
          onOpenAutoFocus={(event) => {
            if (!focusFirst?.current) return;
            event.preventDefault();
            focusFirst.current.focus();
          }}
          onCloseAutoFocus={() => giveFocusBack(opener)}
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
          {isAsking && (
            <Dialog title="Throw away what you wrote?" onClose={() => setAsking(false)} focusFirst={keepButton}>
              <div className="mt-5 flex justify-end gap-2">
                <Button ref={keepButton} onClick={() => setAsking(false)}>
                  Keep writing
                </Button>
                <Button look="danger" onClick={throwAway}>
                  Throw away
                </Button>
              </div>
            </Dialog>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Back to where it was, unless closing has led it elsewhere. */
function giveFocusBack(opener: Element | null): void {
  if (opener instanceof HTMLElement && document.activeElement?.contains(opener)) opener.focus();
}

import { Popover as Radix } from 'radix-ui';
import type { ReactElement, ReactNode } from 'react';

interface Props {
  label: string;
  /** The button that opens it. */
  trigger: ReactElement;
  children: ReactNode;
}

/** A small panel beside its button: closes by Escape and by a click elsewhere, and gives the focus back. */
export function Popover({ label, trigger, children }: Props) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          aria-label={label}
          side="top"
          collisionPadding={12}
          sideOffset={6}
          className="appear z-40 max-w-[calc(100vw-1.5rem)] rounded-xl border border-line bg-raised p-4 text-sm shadow-float outline-none"
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

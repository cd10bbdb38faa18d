import { type ReactElement, type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import { cn } from '../lib/class-names.ts';

interface Props {
  label: string;
  /** The button that opens it; gets what makes it one. */
  trigger: (props: { popoverTarget: string; 'aria-haspopup': 'dialog'; 'aria-expanded': boolean }) => ReactElement;
  /** Where it stands, as long as there is room. */
  side?: 'above' | 'below';
  className?: string;
  /** Drawn while it is open. */
  children: (close: () => void) => ReactNode;
}

const gapPx = 6;
const edgePx = 12;

/**
 * A small panel beside its button, the browser's own: closes by Escape and by a click elsewhere, and gives the focus back.
 */
export function Popover({ label, trigger, side = 'above', className, children }: Props) {
  const id = useId();
  const panel = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);

  useLayoutEffect(() => {
    const element = panel.current;
    const button = document.querySelector<HTMLElement>(`[popovertarget="${CSS.escape(id)}"]`);
    if (!isOpen || element === null || button === null) return;
    const place = () => placeBeside(element, button.getBoundingClientRect(), side);
    place();
    const observer = new ResizeObserver(place);
    observer.observe(element);
    window.addEventListener('scroll', place, { capture: true, passive: true });
    window.addEventListener('resize', place);
    return () => {
      observer.disconnect();
      window.removeEventListener('scroll', place, { capture: true });
      window.removeEventListener('resize', place);
    };
  }, [id, isOpen, side]);

  useEffect(() => {
    if (isOpen && !panel.current?.contains(document.activeElement)) panel.current?.focus();
  }, [isOpen]);

  return (
    <>
      {trigger({ popoverTarget: id, 'aria-haspopup': 'dialog', 'aria-expanded': isOpen })}
      <div
        ref={panel}
        id={id}
        popover="auto"
        tabIndex={-1}
        {...(isOpen && { role: 'dialog', 'aria-label': label })}
        onBeforeToggle={({ newState }) => setOpen(newState === 'open')}
        className={cn(
          'appear fixed inset-auto m-0 max-h-[80dvh] max-w-[calc(100vw-1.5rem)] overflow-y-auto rounded-xl border border-line bg-raised text-ink text-sm shadow-float outline-none',
          className,
        )}
      >
        {isOpen && children(() => panel.current?.hidePopover())}
      </div>
    </>
  );
}

/**
 * On the wanted side of the button where it fits there, else on the other; never past the page's edges. What is wanted above
 * stands over the middle of the button, what is wanted below hangs from its beginning.
 */
function placeBeside(panel: HTMLElement, button: DOMRect, side: 'above' | 'below'): void {
  const { offsetWidth: width, offsetHeight: height } = panel;
  const above = button.top - gapPx - height;
  const below = button.bottom + gapPx;
  const fitsAbove = above >= edgePx;
  const fitsBelow = below + height <= window.innerHeight - edgePx;
  const top = (side === 'above' ? fitsAbove || !fitsBelow : fitsAbove && !fitsBelow) ? above : below;
  const left = side === 'below' ? button.left : button.left + button.width / 2 - width / 2;
  panel.style.top = `${clamp(top, window.innerHeight - height)}px`;
  panel.style.left = `${clamp(left, window.innerWidth - width)}px`;
}

const clamp = (value: number, most: number): number => Math.max(edgePx, Math.min(most - edgePx, value));

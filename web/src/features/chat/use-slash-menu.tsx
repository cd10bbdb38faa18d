import { type KeyboardEvent, Suspense, useEffect, useId, useRef, useState } from 'react';
import type { SlashMenu, SlashMenuProps } from '../../components/slash-menu.ts';

/** The menu of an input whose text begins with `/`, until it is given up or a line is broken. */
export function useSlashMenu(menu: SlashMenu | undefined, text: string, setText: (text: string) => void) {
  const listId = useId();
  const around = useRef<HTMLDivElement>(null);
  const keys: SlashMenuProps['keys'] = useRef(null);
  const [isClosed, setClosed] = useState(false);
  const [active, setActive] = useState<string | null>(null);
  const isWanted = menu !== undefined && text.startsWith('/') && !text.includes('\n');
  if (text === '' && isClosed) setClosed(false);
  const isOpen = isWanted && !isClosed;

  useEffect(() => {
    if (!isOpen) return;
    const onPointerDown = ({ target }: PointerEvent) => {
      const isInside =
        target instanceof Element && (around.current?.contains(target) || target.closest('[role=dialog]'));
      if (!isInside) setClosed(true);
    };
    window.addEventListener('pointerdown', onPointerDown);
    return () => window.removeEventListener('pointerdown', onPointerDown);
  }, [isOpen]);

  return {
    around,
    takes(event: KeyboardEvent): boolean {
      const taken = isOpen && keys.current?.(event) === true;
      if (taken) event.preventDefault();
      return taken;
    },
    ofInput: isOpen && {
      'aria-autocomplete': 'list' as const,
      'aria-controls': active === null ? undefined : listId,
      'aria-activedescendant': active ?? undefined,
    },
    shown: isOpen && (
      <Suspense>
        {menu({
          filter: text.slice(1),
          listId,
          keys,
          onActive: setActive,
          onDone: setText,
          onClose: () => setClosed(true),
        })}
      </Suspense>
    ),
  };
}

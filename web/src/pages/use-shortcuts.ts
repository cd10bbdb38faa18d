import { useEffect, useRef } from 'react';
import { isDialogOpen } from '../components/open-dialogs.ts';

export type ShortcutActions = Record<'newChat' | 'search' | 'sidebar' | 'shortcuts' | 'focusInput', () => void>;

const isApple = /Mac|iPhone|iPad/.test(navigator.platform);
export const modifierName = isApple ? '⌘' : 'Ctrl';

/**
 * The keys that hands know from other chats, taken anywhere on the page. Under a dialog they do nothing, and the
 * browser does not get them either: a hand that forgot the dialog would be led out of what it writes.
 */
export function useShortcuts(actions: ShortcutActions): void {
  const latest = useRef(actions);
  useEffect(() => {
    latest.current = actions;
  });

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const action = actionOf(event);
      if (action === null || event.defaultPrevented || event.isComposing) return;
      event.preventDefault();
      if (!isDialogOpen()) latest.current[action]();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}

type Keys = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>;

export function actionOf({ key, ctrlKey, metaKey, shiftKey, altKey }: Keys): keyof ShortcutActions | null {
  if (altKey) return null;
  if (key === 'Escape' && shiftKey) return 'focusInput';
  if (!ctrlKey && !metaKey) return null;
  const letter = key.toLowerCase();
  if (shiftKey) return letter === 'o' ? 'newChat' : null;
  if (letter === 'k') return 'search';
  if (letter === 'b') return 'sidebar';
  return letter === '/' ? 'shortcuts' : null;
}

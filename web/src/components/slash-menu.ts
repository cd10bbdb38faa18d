import type { KeyboardEvent, ReactNode, RefObject } from 'react';

/** What an input tells the menu that a `/` at its beginning opens. */
export interface SlashMenuProps {
  /** What stands after the `/`. */
  filter: string;
  /** For the list of choices: the input names it as what it controls. */
  listId: string;
  /** Takes keys before the input does; true for those that it took. */
  keys: RefObject<((event: KeyboardEvent) => boolean) | null>;
  /** The choice under the cursor; null where there is none. */
  onActive: (id: string | null) => void;
  /** Chosen: what the input holds from now on. */
  onDone: (text: string) => void;
  /** Given up: the input keeps what was typed. */
  onClose: () => void;
}

export type SlashMenu = (props: SlashMenuProps) => ReactNode;

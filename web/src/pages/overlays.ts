import { createContext, useContext } from 'react';

export type Overlay =
  | { type: 'search'; sessionId: string | null }
  | { type: 'shortcuts' }
  | { type: 'templates' }
  | { type: 'models' }
  | { type: 'portability'; file: File | null }
  | { type: 'instructions'; sessionId: string }
  | { type: 'pinned'; sessionId: string };

export interface Overlays {
  show(overlay: Overlay): void;
}

const OverlaysContext = createContext<Overlays>({ show: () => {} });

export const OverlaysProvider = OverlaysContext.Provider;

/** What can be laid over the page, one at a time. */
export const useOverlays = (): Overlays => useContext(OverlaysContext);

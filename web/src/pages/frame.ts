import { createContext, useContext } from 'react';

/** What pages know of the frame around them. */
export interface Frame {
  sidebarShown: boolean;
  showSidebar: () => void;
  newChat: () => void;
}

const FrameContext = createContext<Frame>({ sidebarShown: true, showSidebar: () => {}, newChat: () => {} });

export const FrameProvider = FrameContext.Provider;
export const useFrame = (): Frame => useContext(FrameContext);

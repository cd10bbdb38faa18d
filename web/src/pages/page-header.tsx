import { PanelLeft, SquarePen, WifiOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { useConnection } from '../client/portal.ts';
import { Banner } from '../components/banner.tsx';
import { IconButton } from '../components/icon-button.tsx';
import { ModelBanner } from '../features/models/model-banner.tsx';
import { useFrame } from './frame.ts';
import { useOverlays } from './overlays.ts';

interface Props {
  title: ReactNode;
  actions?: ReactNode;
}

/** The line at the top of a page, and beneath it what a person should know now. */
export function PageHeader({ title, actions }: Props) {
  const { sidebarShown, showSidebar, newChat } = useFrame();
  const { show } = useOverlays();
  const isLost = useConnection() === 'lost';
  return (
    <header className="shrink-0 border-line border-b pt-[env(safe-area-inset-top)]">
      <div className="flex h-14 items-center gap-1 px-2 sm:px-3">
        {!sidebarShown && (
          <>
            <IconButton icon={PanelLeft} label="Show the sidebar" tipSide="right" onClick={showSidebar} />
            <IconButton icon={SquarePen} label="New chat" onClick={newChat} />
          </>
        )}
        <div className="min-w-0 flex-1 px-2">{title}</div>
        {actions}
      </div>
      {isLost && (
        <Banner icon={WifiOff} tone="warn" className="appear-late">
          The connection is lost. Trying again; nothing that was written is lost.
        </Banner>
      )}
      <ModelBanner onGet={() => show({ type: 'models' })} />
    </header>
  );
}

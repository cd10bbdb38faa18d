import { Outlet, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useMemo, useState } from 'react';
import { LiveRegion } from '../components/live-region.tsx';
import { Notices } from '../components/notices.tsx';
import { isDialogUnsaved } from '../components/open-dialogs.ts';
import { loadPart } from '../lib/load-part.ts';
import { recall, remember } from '../lib/local-storage.ts';
import { useMediaQuery } from '../lib/use-media-query.ts';
import { FrameProvider } from './frame.ts';
import { type Overlay, OverlaysProvider } from './overlays.ts';
import { Sidebar } from './sidebar.tsx';
import { useChanges } from './use-changes.ts';
import { useFileDrop } from './use-file-drop.ts';
import { useShortcuts } from './use-shortcuts.ts';

const SearchDialog = lazy(() => loadPart(() => import('../features/search/search-dialog.tsx')));
const PinnedDialog = lazy(() => loadPart(() => import('../features/chat/pinned-dialog.tsx')));
const ModelsDialog = lazy(() => loadPart(() => import('../features/models/models-dialog.tsx')));
const PortabilityDialog = lazy(() => loadPart(() => import('../features/portability/portability-dialog.tsx')));
const TemplatesDialog = lazy(() => loadPart(() => import('../features/templates/templates-dialog.tsx')));
const InstructionsDialog = lazy(() => loadPart(() => import('../features/sessions/instructions-dialog.tsx')));
const ShortcutsDialog = lazy(() => loadPart(() => import('./shortcuts-dialog.tsx')));
const SidebarSheet = lazy(() => loadPart(() => import('./sidebar-sheet.tsx')));

/** The frame around every page: sidebar, what is laid over, and the keys. */
export function Shell() {
  const navigate = useNavigate();
  const isWide = useMediaQuery('(min-width: 768px)');
  const [pinnedOpen, setPinnedOpen] = useState(() => recall('sidebar') !== 'hidden');
  const [sheetOpen, setSheetOpen] = useState(false);
  const [overlay, setOverlay] = useState<Overlay | null>(null);
  const overlays = useMemo(() => ({ show: setOverlay }), []);
  const close = () => setOverlay(null);
  useChanges();
  useFileDrop((file) => {
    if (!isDialogUnsaved()) setOverlay({ type: 'portability', file });
  });

  const setSidebar = (open: boolean) => {
    if (!isWide) return setSheetOpen(open);
    remember('sidebar', open ? null : 'hidden');
    setPinnedOpen(open);
  };
  const sidebarShown = isWide ? pinnedOpen : sheetOpen;
  const focusInput = () => document.querySelector<HTMLElement>('textarea[aria-label="Message"]')?.focus();
  const newChat = () => void navigate({ to: '/' }).then(focusInput);
  useShortcuts({
    newChat,
    focusInput,
    search: () => setOverlay({ type: 'search', sessionId: null }),
    shortcuts: () => setOverlay({ type: 'shortcuts' }),
    sidebar: () => setSidebar(!sidebarShown),
  });

  const frame = { sidebarShown: isWide && pinnedOpen, showSidebar: () => setSidebar(true), newChat };
  return (
    <OverlaysProvider value={overlays}>
      <FrameProvider value={frame}>
        <a
          href="#main"
          className="fixed top-2 left-2 z-60 -translate-y-20 rounded-lg bg-accent px-4 py-2 text-accent-ink focus:translate-y-0"
        >
          Skip to the conversation
        </a>
        <div className="flex h-dvh">
          {isWide && pinnedOpen && (
            <aside className="w-72 shrink-0 border-line border-r">
              <Sidebar onHide={() => setSidebar(false)} onOpen={() => {}} onNewChat={newChat} />
            </aside>
          )}
          <main id="main" tabIndex={-1} className="flex min-w-0 flex-1 flex-col outline-none">
            <Outlet />
          </main>
        </div>
        <Suspense>
          {!isWide && sheetOpen && <SidebarSheet onClose={() => setSheetOpen(false)} onNewChat={newChat} />}
          {overlay?.type === 'search' && <SearchDialog sessionId={overlay.sessionId} onClose={close} />}
          {overlay?.type === 'pinned' && <PinnedDialog sessionId={overlay.sessionId} onClose={close} />}
          {overlay?.type === 'models' && <ModelsDialog onClose={close} />}
          {overlay?.type === 'portability' && <PortabilityDialog file={overlay.file} onClose={close} />}
          {overlay?.type === 'templates' && <TemplatesDialog onClose={close} />}
          {overlay?.type === 'instructions' && <InstructionsDialog sessionId={overlay.sessionId} onClose={close} />}
          {overlay?.type === 'shortcuts' && <ShortcutsDialog onClose={close} />}
        </Suspense>
        <Notices />
        <LiveRegion />
      </FrameProvider>
    </OverlaysProvider>
  );
}

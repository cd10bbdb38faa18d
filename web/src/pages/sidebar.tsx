import { Link } from '@tanstack/react-router';
import { Activity, ArrowDownUp, Cpu, Keyboard, NotebookText, PanelLeftClose, Search, SquarePen } from 'lucide-react';
import { useViewer } from '../client/use-viewer.ts';
import { IconButton } from '../components/icon-button.tsx';
import { SessionList } from '../features/sessions/session-list.tsx';
import { operatorTitle } from './operator-page.tsx';
import { useOverlays } from './overlays.ts';
import { ThemeSwitch } from './theme-switch.tsx';

interface Props {
  onHide: () => void;
  onNewChat: () => void;
  /** A conversation was opened from here. */
  onOpen: () => void;
}

/** What stands beside the conversation: the others, and the way to a new one. */
export function Sidebar({ onHide, onNewChat, onOpen }: Props) {
  const { show } = useOverlays();
  const viewer = useViewer();
  return (
    <div className="flex h-full min-h-0 flex-col bg-sunken pt-[env(safe-area-inset-top)] pb-[env(safe-area-inset-bottom)] pl-[env(safe-area-inset-left)]">
      <div className="flex h-14 shrink-0 items-center justify-between pr-2 pl-4">
        <Link to="/" onClick={onOpen} className="flex items-center gap-2 rounded-lg font-semibold">
          <img src="/favicon.svg" alt="" width={22} height={22} />
          PocketLLM
        </Link>
        <IconButton icon={PanelLeftClose} label="Hide the sidebar" tipSide="left" onClick={onHide} />
      </div>
      <div className="flex gap-2 px-3 pb-3">
        <button
          type="button"
          onClick={onNewChat}
          className="flex h-9 flex-1 items-center justify-center gap-2 rounded-lg border border-line bg-surface font-medium text-sm hover:border-accent hover:bg-accent-soft"
        >
          <SquarePen size={16} aria-hidden />
          New chat
        </button>
        <IconButton
          icon={Search}
          label="Search messages"
          tipSide="left"
          className="border border-line bg-surface"
          onClick={() => show({ type: 'search', sessionId: null })}
        />
      </div>
      <SessionList onOpen={onOpen} />
      <div className="flex shrink-0 items-center gap-1 border-line border-t px-2 py-1.5">
        <ThemeSwitch />
        <IconButton icon={Cpu} label="Models" tipSide="none" title="Models" onClick={() => show({ type: 'models' })} />
        <IconButton
          icon={ArrowDownUp}
          label="Import and export"
          tipSide="none"
          title="Import and export"
          onClick={() => show({ type: 'portability', file: null })}
        />
        <IconButton
          icon={NotebookText}
          label="Prompt templates"
          tipSide="none"
          title="Prompt templates"
          onClick={() => show({ type: 'templates' })}
        />
        <IconButton
          icon={Keyboard}
          label="Keyboard shortcuts"
          tipSide="none"
          title="Keyboard shortcuts"
          onClick={() => show({ type: 'shortcuts' })}
          className="pointer-coarse:hidden"
        />
        {viewer?.role === 'ADMIN' && (
          <Link
            to="/operator"
            onClick={onOpen}
            aria-label={operatorTitle}
            title={operatorTitle}
            className="inline-flex size-9 shrink-0 items-center justify-center rounded-lg text-ink-soft transition-colors hover:bg-sunken hover:text-ink pointer-coarse:size-10"
            activeProps={{ className: 'text-accent' }}
          >
            <Activity size={18} aria-hidden />
          </Link>
        )}
      </div>
    </div>
  );
}

import { ArrowUp, Square } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, type RefObject, useState } from 'react';
import type { SlashMenu } from '../../components/slash-menu.ts';
import { cn } from '../../lib/class-names.ts';
import type { Problem } from '../../lib/errors.ts';
import { useMediaQuery } from '../../lib/use-media-query.ts';
import { type Draft, newDraft, placedDraft } from './drafts.ts';
import { useDraft } from './use-draft.ts';
import { useGrowingHeight } from './use-growing-height.ts';
import { useSlashMenu } from './use-slash-menu.tsx';

const longest = 32_000;
const nearlyLongest = 28_000;

interface Props {
  /** Whose draft it holds. */
  place: string;
  inputRef: RefObject<HTMLTextAreaElement | null>;
  /** A reply is being written: it can be stopped, and nothing is sent. */
  running: boolean;
  /** Where a text that is sent now belongs; undefined where the server knows best. */
  parentId?: string | undefined;
  /** What a `/` at the beginning of an empty input opens. */
  slashMenu?: SlashMenu | undefined;
  /** What stands above the input: what the next message is about to change. */
  above?: ReactNode;
  /** Sends the text; says why it could not. */
  onSend: (draft: Draft) => Promise<Problem | null>;
  onStop: () => void;
}

/** The input: empties at once, and has its text back when that could not be sent. */
export function Composer(props: Props) {
  const { place, inputRef, running, parentId, slashMenu, above, onSend, onStop } = props;
  const { draft, setDraft, deliver } = useDraft(place);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [sending, setSending] = useState(false);
  const enterIsNewline = useMediaQuery('(pointer: coarse)');
  const { text } = draft;
  const menu = useSlashMenu(slashMenu, text, (next) => {
    setDraft(newDraft(next));
    inputRef.current?.focus();
  });
  const tooLong = text.length > longest;
  const ready = text.trim() !== '' && !tooLong && !running && !sending;

  useGrowingHeight(inputRef, text);

  async function send(): Promise<void> {
    if (!ready) return;
    setSending(true);
    setProblem(null);
    setProblem(await deliver(placedDraft(draft, parentId), onSend));
    setSending(false);
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (menu.takes(event)) return;
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    if (enterIsNewline && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    void send();
  }

  return (
    <div className="mx-auto w-full max-w-3xl px-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] sm:px-6">
      {problem !== null && (
        <p role="alert" className="mb-2 rounded-xl bg-danger-soft px-4 py-2 text-danger text-sm">
          Not sent. {problem.message}
        </p>
      )}
      {above}
      <div ref={menu.around} className="relative">
        {menu.shown}
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void send();
          }}
          className="flex items-end gap-2 rounded-2xl border border-line-strong/50 bg-surface p-2 shadow-float focus-within:border-accent"
        >
          <textarea
            ref={inputRef}
            aria-label="Message"
            aria-describedby="message-length"
            aria-invalid={tooLong}
            placeholder={slashMenu === undefined ? 'Ask something' : 'Ask something, or / for templates'}
            rows={1}
            value={text}
            {...menu.ofInput}
            enterKeyHint={enterIsNewline ? 'enter' : 'send'}
            onChange={(event) => {
              setProblem(null);
              setDraft(newDraft(event.target.value));
            }}
            onKeyDown={onKeyDown}
            className="max-h-60 min-h-9 min-w-0 flex-1 resize-none bg-transparent px-2 py-1.5 text-base leading-6 outline-none placeholder:text-ink-soft"
          />
          {running ? (
            <SendButton label="Stop" onClick={onStop} icon={<Square size={14} fill="currentColor" aria-hidden />} />
          ) : (
            <SendButton label="Send" type="submit" disabled={!ready} icon={<ArrowUp size={18} aria-hidden />} />
          )}
        </form>
      </div>
      <p
        id="message-length"
        className={cn('mt-1 min-h-4 px-3 text-right text-xs', tooLong ? 'text-danger' : 'text-ink-soft')}
      >
        {text.length > nearlyLongest &&
          `${text.length.toLocaleString()} of ${longest.toLocaleString()} characters${tooLong ? ': too long to send' : ''}`}
      </p>
    </div>
  );
}

interface SendButtonProps {
  label: string;
  icon: React.ReactNode;
  type?: 'button' | 'submit';
  disabled?: boolean;
  onClick?: () => void;
}

function SendButton({ label, icon, type = 'button', disabled = false, onClick }: SendButtonProps) {
  return (
    <button
      type={type}
      aria-label={label}
      disabled={disabled}
      onClick={onClick}
      className="flex size-9 shrink-0 items-center justify-center rounded-xl bg-accent text-accent-ink transition-colors hover:brightness-95 disabled:bg-line disabled:text-ink-soft pointer-coarse:size-10"
    >
      {icon}
    </button>
  );
}

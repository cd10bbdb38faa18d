import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useMutation } from 'urql';
import { Button } from '../../components/button.tsx';
import { problemOf } from '../../lib/errors.ts';
import { useUnloadGuard } from '../../lib/use-unload-guard.ts';
import { EditMessage } from './mutations.ts';
import { useGrowingHeight } from './use-growing-height.ts';
import { expectReply } from './use-reply-announcer.ts';

interface Props {
  messageId: string;
  content: string;
  /** Called before the new version takes this place. */
  onRerun: () => void;
  onClose: () => void;
}

/** Other words that were left without being sent or thrown away, by message. */
const leftover = new Map<string, string>();

/**
 * A question in its place, to be asked in other words; what it was before stays as another version. Escape leaves it and keeps what is written for the next
 * time; Cancel throws it away.
 */
export function EditField({ messageId, content, onRerun, onClose }: Props) {
  const [text, setText] = useState(leftover.get(messageId) ?? content);
  const [{ fetching, error }, edit] = useMutation(EditMessage);
  const field = useRef<HTMLTextAreaElement>(null);
  useGrowingHeight(field, text);
  useUnloadGuard(text !== content);

  useEffect(() => {
    field.current?.focus();
    field.current?.setSelectionRange(-1, -1);
  }, []);

  async function rerun(): Promise<void> {
    if (text.trim() === '' || fetching) return;
    onRerun();
    const result = await edit({ id: messageId, content: text });
    if (result.data) expectReply(result.data.editMessage.reply);
    if (!result.error) cancel();
  }

  function cancel(): void {
    leftover.delete(messageId);
    onClose();
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void rerun();
    }
    if (event.key === 'Escape') {
      event.preventDefault();
      if (text === content) leftover.delete(messageId);
      else leftover.set(messageId, text);
      onClose();
    }
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void rerun();
      }}
      className="mb-6 rounded-2xl border border-accent bg-surface p-3"
    >
      <textarea
        ref={field}
        aria-label="Edit message"
        aria-invalid={error !== undefined}
        rows={1}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        className="block max-h-60 w-full resize-none bg-transparent px-1 text-base leading-6 outline-none"
      />
      {error && (
        <p role="alert" className="mt-2 text-danger text-sm">
          Not sent. {problemOf(error).message}
        </p>
      )}
      <div className="mt-2 flex justify-end gap-2">
        <Button onClick={cancel}>Cancel</Button>
        <Button type="submit" look="primary" disabled={text.trim() === '' || fetching}>
          Update &amp; rerun
        </Button>
      </div>
    </form>
  );
}

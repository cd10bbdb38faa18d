import { Link } from '@tanstack/react-router';
import { Pencil, Star, Trash2 } from 'lucide-react';
import { type KeyboardEvent, memo, useState } from 'react';
import { useMutation } from 'urql';
import { IconButton } from '../../components/icon-button.tsx';
import { showNotice } from '../../components/notices.tsx';
import type { SessionRowFragment } from '../../gql/graphql.ts';
import { cn } from '../../lib/class-names.ts';
import { problemOf } from '../../lib/errors.ts';
import { UpdateSession } from './documents.ts';

interface Props {
  session: SessionRowFragment;
  onOpen: () => void;
  onDelete: (session: SessionRowFragment) => void;
}

/** A conversation in the list: opens it; renames it in its place. */
export const SessionItem = memo(function SessionItem({ session, onOpen, onDelete }: Props) {
  const [renaming, setRenaming] = useState(false);
  const [, update] = useMutation(UpdateSession);

  const change = async (input: { title?: string; favorite?: boolean }) => {
    const { error } = await update({ id: session.id, input });
    if (error) showNotice(problemOf(error).message);
  };

  if (renaming) {
    return (
      <TitleField
        title={session.title}
        onDone={(title) => {
          setRenaming(false);
          if (title !== null && title !== session.title) void change({ title });
        }}
      />
    );
  }
  return (
    <div className="group/item relative flex items-center rounded-lg focus-within:bg-line/60 hover:bg-line/60 has-aria-[current=page]:bg-line">
      <Link
        to="/c/$id"
        params={{ id: session.id }}
        onClick={onOpen}
        title={session.title}
        className="min-w-0 flex-1 truncate rounded-lg px-3 py-1.5 text-sm outline-offset-[-2px] pointer-coarse:py-2.5"
      >
        {session.title}
      </Link>
      <div
        className={cn(
          'flex items-center pr-1 group-has-aria-[current=page]/item:flex group-focus-within/item:w-auto group-focus-within/item:opacity-100',
          'group-hover/item:w-auto group-hover/item:opacity-100 group-has-aria-[current=page]/item:w-auto group-has-aria-[current=page]/item:opacity-100',
          'w-0 overflow-hidden opacity-0',
        )}
      >
        <IconButton
          icon={Star}
          label={session.favorite ? 'Remove from favourites' : 'Add to favourites'}
          size="small"
          tipSide="none"
          active={session.favorite}
          onClick={() => change({ favorite: !session.favorite })}
          className="size-7 hover:bg-transparent"
        />
        <IconButton
          icon={Pencil}
          label="Rename"
          size="small"
          tipSide="none"
          onClick={() => setRenaming(true)}
          className="size-7 hover:bg-transparent"
        />
        <IconButton
          icon={Trash2}
          label="Delete"
          size="small"
          tipSide="none"
          onClick={() => onDelete(session)}
          className="size-7 hover:bg-transparent hover:text-danger"
        />
      </div>
    </div>
  );
});

function TitleField({ title, onDone }: { title: string; onDone: (title: string | null) => void }) {
  const [text, setText] = useState(title);
  const save = () => onDone(text.trim() === '' ? null : text.trim());
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter') save();
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      onDone(null);
    }
  };
  return (
    <input
      // biome-ignore lint/a11y/noAutofocus: it stands where "Rename" was pressed.
      autoFocus
      aria-label="Title"
      value={text}
      maxLength={255}
      onFocus={(event) => event.target.select()}
      onChange={(event) => setText(event.target.value)}
      onBlur={save}
      onKeyDown={onKeyDown}
      className="w-full rounded-lg border border-accent bg-surface px-3 py-1.5 text-base outline-none sm:text-sm"
    />
  );
}

import { useRef } from 'react';
import { NewConversation } from '../features/chat/new-conversation.tsx';
import { useModels } from '../features/models/use-models.ts';
import { useFocus, useTitle } from './chat-page.tsx';
import { PageHeader } from './page-header.tsx';

const noModel = { code: 'MODEL_UNAVAILABLE', message: 'No model can answer yet: see above.' };

/** The first page. */
export function NewChatPage() {
  const inputRef = useRef<HTMLTextAreaElement>(null);
  const { usual } = useModels();
  useTitle(undefined);
  useFocus(inputRef, true);
  return (
    <>
      <PageHeader title={<p className="truncate text-ink-soft text-sm">{usual?.name}</p>} />
      <NewConversation inputRef={inputRef} blocked={usual === null ? noModel : null} />
    </>
  );
}

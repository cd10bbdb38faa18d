import { UserRoundPen, X } from 'lucide-react';
import { lazy, useRef, useState } from 'react';
import { IconButton } from '../components/icon-button.tsx';
import { NewConversation } from '../features/chat/new-conversation.tsx';
import { firstQuestions, whereItRuns } from '../features/models/model-facts.ts';
import { ModelPicker } from '../features/models/model-picker.tsx';
import { useModels } from '../features/models/use-models.ts';
import type { ChosenTemplate } from '../features/templates/use-template.ts';
import { loadPart } from '../lib/load-part.ts';
import { useFocus, useTitle } from './chat-page.tsx';
import { useOverlays } from './overlays.ts';
import { PageHeader } from './page-header.tsx';

const TemplatePicker = lazy(() => loadPart(() => import('../features/templates/template-picker.tsx')));

const noModel = { code: 'MODEL_UNAVAILABLE', message: 'No model can answer yet: see above.' };

/** The first page: a conversation that begins with its first message, in the role of a template where one was chosen. */
export function NewChatPage() {
  const inputRef = useRef<HTMLTextAreaElement>(null);
  const [role, setRole] = useState<ChosenTemplate | null>(null);
  const [model, setModel] = useState<string | null>(null);
  const { models, usual } = useModels();
  const answering = model === null ? usual : models?.find(({ name }) => name === model);
  const { show } = useOverlays();
  useTitle(undefined);
  useFocus(inputRef, true);
  return (
    <>
      <PageHeader
        title={<ModelPicker chosen={model} onChoose={setModel} onManage={() => show({ type: 'models' })} />}
      />
      <NewConversation
        inputRef={inputRef}
        whereItRuns={answering ? whereItRuns(answering) : null}
        examples={firstQuestions(answering ?? null)}
        blocked={usual === null ? noModel : null}
        beginning={{
          ...(model !== null && { model }),
          ...(role !== null && { templateId: role.id, templateValues: role.values }),
        }}
        slashMenu={(menu) => <TemplatePicker {...menu} onRole={setRole} onManage={() => show({ type: 'templates' })} />}
        above={role !== null && <RoleChip name={role.name} onRemove={() => setRole(null)} />}
      />
    </>
  );
}

function RoleChip({ name, onRemove }: { name: string; onRemove: () => void }) {
  return (
    <p className="mb-2 flex w-fit max-w-full items-center gap-2 rounded-full border border-line bg-accent-soft py-0.5 pr-1 pl-3 text-sm">
      <UserRoundPen size={15} aria-hidden className="shrink-0" />
      <span className="truncate">{name}</span>
      <IconButton
        icon={X}
        label="Without this role"
        size="small"
        tipSide="none"
        onClick={onRemove}
        className="size-7"
      />
    </p>
  );
}

import { Copy, Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useMutation, useQuery } from 'urql';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { IconButton } from '../../components/icon-button.tsx';
import { showNotice } from '../../components/notices.tsx';
import { readFragment } from '../../gql/index.ts';
import { problemOf } from '../../lib/errors.ts';
import { DeleteTemplate, TemplateParts, Templates } from './documents.ts';
import { findTemplates } from './find-templates.ts';
import { type EditedTemplate, isSameTemplate, TemplateEditor } from './template-editor.tsx';
import type { Template } from './use-template.ts';

const blank: EditedTemplate = { id: null, name: '', category: 'general', description: '', content: '' };

/** All templates: one's own to change, the others to read and to copy. */
export default function TemplatesDialog({ onClose }: { onClose: () => void }) {
  const [{ data, error, fetching }] = useQuery({ query: Templates, requestPolicy: 'cache-and-network' });
  const [edited, setEdited] = useState<{ begun: EditedTemplate; now: EditedTemplate } | null>(null);
  const [filter, setFilter] = useState('');
  const templates = (data?.promptTemplates ?? []).map((template) => readFragment(TemplateParts, template));
  const found = findTemplates(templates, filter);
  const edit = (template: EditedTemplate) => setEdited({ begun: template, now: template });
  const own = found.filter(({ builtIn }) => !builtIn);
  const builtIn = found.filter((template) => template.builtIn);

  if (edited !== null) {
    return (
      <Dialog
        title={edited.now.id === null ? 'New template' : 'Edit template'}
        onClose={() => setEdited(null)}
        unsaved={!isSameTemplate(edited.begun, edited.now)}
        className="max-h-[90dvh] max-w-xl"
      >
        <TemplateEditor
          template={edited.now}
          categories={[...new Set(templates.map(({ category }) => category))]}
          onChange={(now) => setEdited({ ...edited, now })}
          onClose={() => setEdited(null)}
        />
      </Dialog>
    );
  }
  return (
    <Dialog title="Prompt templates" onClose={onClose} className="max-h-[85dvh] max-w-xl">
      <div className="mt-3 flex gap-2">
        <input
          type="search"
          aria-label="Filter templates"
          placeholder="Filter"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
          className="h-9 min-w-0 flex-1 rounded-lg border border-line-strong/50 bg-surface px-3 text-base outline-offset-0 placeholder:text-ink-soft sm:text-sm"
        />
        <Button look="primary" onClick={() => edit(blank)}>
          <Plus size={16} aria-hidden />
          New template
        </Button>
      </div>
      <div className="-mx-2 mt-3 min-h-0 overflow-y-auto">
        {data === undefined && (
          <p className="px-2 text-ink-soft">{fetching ? 'Loading…' : error && problemOf(error).message}</p>
        )}
        <Group title="Yours" templates={own} onEdit={edit} />
        {data !== undefined && own.length === 0 && filter === '' && (
          <p className="px-2 pb-2 text-ink-soft text-sm">
            None of your own yet. Type <kbd className="font-mono">/</kbd> in an empty message to use any of these.
          </p>
        )}
        <Group title="They come with the portal" templates={builtIn} onEdit={edit} />
        {data !== undefined && found.length === 0 && filter !== '' && (
          <p className="px-2 text-ink-soft">No template holds these words.</p>
        )}
      </div>
    </Dialog>
  );
}

interface GroupProps {
  title: string;
  templates: readonly Template[];
  onEdit: (template: EditedTemplate) => void;
}

function Group({ title, templates, onEdit }: GroupProps) {
  if (templates.length === 0) return null;
  return (
    <section aria-label={title}>
      <h2 className="px-2 pt-2 pb-1 font-medium text-ink-soft text-xs">{title}</h2>
      <ul>
        {templates.map((template) => (
          <TemplateRow key={template.id} template={template} onEdit={onEdit} />
        ))}
      </ul>
    </section>
  );
}

function TemplateRow({ template, onEdit }: { template: Template; onEdit: GroupProps['onEdit'] }) {
  const { id, name, category, description, content, builtIn } = template;
  const [isAsking, setAsking] = useState(false);
  const [{ fetching }, remove] = useMutation(DeleteTemplate);

  async function confirm() {
    const { error } = await remove({ id });
    if (error) showNotice(problemOf(error).message);
  }

  return (
    <li className="rounded-xl px-2 py-1.5 hover:bg-sunken">
      <div className="flex items-start gap-2">
        <details className="min-w-0 flex-1">
          <summary className="cursor-pointer rounded-lg">
            <span className="font-medium text-sm">{name}</span>{' '}
            <span className="text-ink-soft text-xs">{category}</span>
            <span className="block text-ink-soft text-sm">{description}</span>
          </summary>
          <p className="mt-2 whitespace-pre-wrap rounded-lg bg-sunken p-3 text-sm [overflow-wrap:anywhere]">
            {content}
          </p>
        </details>
        {builtIn ? (
          <IconButton
            icon={Copy}
            label={`Make a copy of ${name}`}
            size="small"
            tipSide="none"
            onClick={() => onEdit({ ...template, id: null, name: `${name}, mine` })}
          />
        ) : (
          <>
            <IconButton
              icon={Pencil}
              label={`Edit ${name}`}
              size="small"
              tipSide="none"
              onClick={() => onEdit(template)}
            />
            <IconButton
              icon={Trash2}
              label={`Delete ${name}`}
              size="small"
              tipSide="none"
              onClick={() => setAsking(true)}
              className="hover:text-danger"
            />
          </>
        )}
      </div>
      {isAsking && (
        <div role="alert" className="mt-1 flex flex-wrap items-center justify-end gap-2 text-sm">
          <p className="flex-1">Delete this template for good?</p>
          <Button onClick={() => setAsking(false)}>Keep</Button>
          <Button look="danger" disabled={fetching} onClick={confirm}>
            Delete
          </Button>
        </div>
      )}
    </li>
  );
}

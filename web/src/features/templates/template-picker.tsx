import { CornerDownLeft } from 'lucide-react';
import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from 'react';
import { useClient, useQuery } from 'urql';
import { showNotice } from '../../components/notices.tsx';
import type { SlashMenuProps } from '../../components/slash-menu.ts';
import { readFragment } from '../../gql/index.ts';
import { cn } from '../../lib/class-names.ts';
import { problemOf } from '../../lib/errors.ts';
import { TemplateParts, Templates } from './documents.ts';
import { findTemplates } from './find-templates.ts';
import { TemplateFields } from './template-fields.tsx';
import { type ChosenTemplate, clockValues, fillTemplate, type Template } from './use-template.ts';

type Use = 'role' | 'text';
const other = { role: 'text', text: 'role' } as const;

interface Props extends SlashMenuProps {
  /** The template becomes the model's role. */
  onRole: (chosen: ChosenTemplate) => void;
  onManage: () => void;
}

/** The templates behind `/`: the one that is chosen becomes the model's role, or the text of the message. */
export default function TemplatePicker({ filter, listId, keys, onActive, onDone, onClose, onRole, onManage }: Props) {
  const client = useClient();
  const [{ data, error, fetching }] = useQuery({ query: Templates, requestPolicy: 'cache-and-network' });
  const [cursor, setCursor] = useState({ filter, index: 0 });
  const [mode, setMode] = useState<Use>('role');
  const [filling, setFilling] = useState<{ template: Template; use: Use } | null>(null);
  const found = useMemo(
    () =>
      findTemplates(
        (data?.promptTemplates ?? []).map((template) => readFragment(TemplateParts, template)),
        filter,
      ),
    [data, filter],
  );
  const active = Math.min(cursor.filter === filter ? cursor.index : 0, found.length - 1);
  const activeId = filling === null && active >= 0 ? `${listId}-${active}` : null;

  useEffect(() => {
    onActive(activeId);
    return () => onActive(null);
  }, [activeId, onActive]);

  async function use({ id, name, category }: Template, how: Use, given: ChosenTemplate['values']) {
    const chosen = { id, name, category, values: [...clockValues(new Date()), ...given] };
    if (how === 'role') {
      onDone('');
      onRole(chosen);
      return;
    }
    const filled = await fillTemplate(client, chosen);
    if ('text' in filled) onDone(filled.text);
    else showNotice(filled.message);
  }

  const choose = (template: Template | undefined, how: Use) => {
    if (template === undefined) return;
    if (template.variables.length > 0) setFilling({ template, use: how });
    else void use(template, how, []);
  };

  useEffect(() => {
    keys.current = (event: KeyboardEvent) => {
      if (filling !== null || event.nativeEvent.isComposing) return false;
      if (event.key === 'Escape') onClose();
      else if (found.length === 0) return false;
      else if (event.key === 'ArrowDown') setCursor({ filter, index: (active + 1) % found.length });
      else if (event.key === 'ArrowUp') setCursor({ filter, index: (active - 1 + found.length) % found.length });
      else if (event.key === 'Enter') choose(found[active], event.shiftKey ? other[mode] : mode);
      else if (event.key === 'Tab' && !event.shiftKey) choose(found[active], mode);
      else return false;
      return true;
    };
    return () => {
      keys.current = null;
    };
  });

  if (filling !== null) {
    const { template, use: how } = filling;
    return (
      <TemplateFields
        template={template}
        action={how === 'role' ? 'Use as the role' : 'Put into the message'}
        onClose={() => setFilling(null)}
        onUse={(values) => use(template, how, values)}
      />
    );
  }
  const isEmpty = found.length === 0;
  if (isEmpty && !fetching && error === undefined) return null;
  return (
    <div className="appear absolute inset-x-0 bottom-full z-30 mb-2 flex max-h-[min(26rem,55dvh)] flex-col overflow-hidden rounded-2xl border border-line bg-raised shadow-float">
      <div id={listId} role="listbox" aria-label="Templates" className="min-h-0 flex-1 overflow-y-auto p-2">
        {found.map((template, index) => (
          <Row
            key={template.id}
            id={`${listId}-${index}`}
            template={template}
            isActive={index === active}
            onPoint={() => setCursor({ filter, index })}
            onChoose={() => choose(template, mode)}
          />
        ))}
      </div>
      {isEmpty && <p className="px-5 pb-3 text-ink-soft text-sm">{error ? problemOf(error).message : 'Loading…'}</p>}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-line border-t px-4 py-2 text-ink-soft text-xs">
        <fieldset className="flex items-center gap-1">
          <legend className="sr-only">What becomes of the template</legend>
          <UseSwitch label="Role of the model" isOn={mode === 'role'} onPick={() => setMode('role')} />
          <UseSwitch label="Text of the message" isOn={mode === 'text'} onPick={() => setMode('text')} />
        </fieldset>
        <span className="pointer-coarse:hidden">Shift+Enter for the other</span>
        <button
          type="button"
          onPointerDown={keepFocus}
          onClick={onManage}
          className="ml-auto rounded text-accent underline underline-offset-3"
        >
          Manage templates
        </button>
      </div>
    </div>
  );
}

interface RowProps {
  id: string;
  template: Template;
  isActive: boolean;
  onPoint: () => void;
  onChoose: () => void;
}

function Row({ id, template, isActive, onPoint, onChoose }: RowProps) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isActive) row.current?.scrollIntoView({ block: 'nearest' });
  }, [isActive]);
  return (
    <div className="relative">
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the input takes the keys. */}
      <div
        ref={row}
        id={id}
        role="option"
        tabIndex={-1}
        aria-selected={isActive}
        onPointerMove={onPoint}
        onPointerDown={keepFocus}
        onClick={onChoose}
        className={cn('cursor-pointer rounded-xl py-1.5 pr-12 pl-3', isActive && 'bg-sunken')}
      >
        <p className="flex items-baseline gap-2">
          <span className="truncate font-medium text-sm">{template.name}</span>
          <span className="shrink-0 text-ink-soft text-xs">
            {template.builtIn ? template.category : `${template.category}, yours`}
          </span>
          {isActive && (
            <CornerDownLeft
              size={13}
              aria-hidden
              className="shrink-0 self-center text-ink-soft pointer-coarse:hidden"
            />
          )}
        </p>
        {template.description !== '' && <p className="truncate text-ink-soft text-sm">{template.description}</p>}
      </div>
    </div>
  );
}

/** The cursor stays in the input. */
const keepFocus = (event: PointerEvent) => event.preventDefault();

function UseSwitch({ label, isOn, onPick }: { label: string; isOn: boolean; onPick: () => void }) {
  return (
    <button
      type="button"
      aria-pressed={isOn}
      onPointerDown={keepFocus}
      onClick={onPick}
      className={cn('rounded-md px-2 py-0.5', isOn ? 'bg-accent-soft text-ink' : 'hover:bg-sunken')}
    >
      {label}
    </button>
  );
}

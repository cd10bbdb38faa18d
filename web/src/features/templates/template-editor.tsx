import { useMutation } from 'urql';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/text-field.tsx';
import { problemOf } from '../../lib/errors.ts';
import { CreateTemplate, UpdateTemplate } from './documents.ts';
import type { Template } from './use-template.ts';

const written = ['name', 'category', 'description', 'content'] as const;

/** A template as it is being written; one without an id is new. */
export type EditedTemplate = Pick<Template, (typeof written)[number]> & { id: string | null };

export const isSameTemplate = (one: EditedTemplate, other: EditedTemplate): boolean =>
  written.every((field) => one[field] === other[field]);

interface Props {
  template: EditedTemplate;
  categories: readonly string[];
  onChange: (template: EditedTemplate) => void;
  onClose: () => void;
}

/** Writes a template of one's own. */
export function TemplateEditor({ template, categories, onChange, onClose }: Props) {
  const { id, name, category, description, content } = template;
  const set = (field: (typeof written)[number]) => (text: string) => onChange({ ...template, [field]: text });
  const [created, create] = useMutation(CreateTemplate);
  const [updated, update] = useMutation(UpdateTemplate);
  const error = created.error ?? updated.error;
  const isComplete = [name, category, content].every((text) => text.trim() !== '');

  async function save() {
    const input = { name, category, description, content };
    const result = await (id === null ? create({ input }) : update({ id, input }));
    if (!result.error) onClose();
  }

  return (
    <form
      className="mt-4 flex min-h-0 flex-col gap-4 overflow-y-auto px-0.5 pb-0.5"
      onSubmit={(event) => {
        event.preventDefault();
        if (isComplete) void save();
      }}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField label="Name" value={name} onChange={set('name')} maxLength={100} autoFocus />
        <TextField
          label="Category"
          value={category}
          onChange={set('category')}
          maxLength={50}
          list="template-categories"
        />
      </div>
      <datalist id="template-categories">
        {categories.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <TextField label="Description" value={description} onChange={set('description')} maxLength={500} />
      <TextField
        label="Text"
        value={content}
        onChange={set('content')}
        maxLength={4_000}
        rows={9}
        hint="What stands in double braces, such as {{topic}}, is asked for when the template is used. {{CURRENT_DATE}}, {{CURRENT_TIME}} and {{USER_NAME}} are filled in by themselves."
      />
      {error && (
        <p role="alert" className="text-danger text-sm">
          Not saved. {problemOf(error).message}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary" disabled={!isComplete || created.fetching || updated.fetching}>
          Save
        </Button>
      </div>
    </form>
  );
}

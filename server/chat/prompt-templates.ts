import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { ownedBy, type Viewer } from '../accounts/viewer.ts';
import { PortalError } from '../errors.ts';
import type { Database } from '../stores/database.ts';
import type { PromptTemplate as TemplateRow } from '../stores/prisma/client.ts';
import { builtInTemplates } from './built-in-templates.ts';
import { invalidInput, limits, notFound, optionalText, parseId, parseInput, requiredText, requireId } from './input.ts';
import { builtInValues, builtInVariables, fillTemplate, type TemplateValue, variablesOf } from './template-text.ts';

/** A text to begin with: one that comes with the portal, the same for everybody, or the viewer's own. */
export interface PromptTemplate {
  id: string;
  name: string;
  category: string;
  description: string;
  content: string;
  builtIn: boolean;
}

export type PromptTemplates = ReturnType<typeof createPromptTemplates>;

/** Lengths count UTF-16 units; the content is as long as a system prompt may be. */
export const templateLimits = {
  name: 100,
  category: 50,
  description: 500,
  content: limits.systemPrompt,
  /** One's own; all of them are listed at once. */
  count: 500,
  values: 50,
} as const;

const templateInput = z.object({
  name: requiredText(templateLimits.name).transform((text) => text.trim()),
  category: requiredText(templateLimits.category).transform((text) => text.trim()),
  description: optionalText(templateLimits.description)
    .nullish()
    .transform((text) => text?.trim() ?? ''),
  content: requiredText(templateLimits.content),
});

const templateValues = z
  .array(z.object({ name: z.string().max(64), value: optionalText(limits.systemPrompt) }))
  .max(templateLimits.values, `must be at most ${templateLimits.values}`);

const builtIn: ReadonlyMap<string, PromptTemplate> = new Map(
  builtInTemplates.map((template) => [template.id, { ...template, builtIn: true }]),
);

interface Parts {
  db: Database;
  now?: () => Date;
}

/** Prompt templates that a viewer may use. Ids that are unknown, malformed or another's look the same. */
export function createPromptTemplates({ db, now = () => new Date() }: Parts) {
  async function find(viewer: Viewer, id: string): Promise<PromptTemplate | null> {
    const templateId = parseId(id);
    if (templateId === null) return null;
    const known = builtIn.get(templateId);
    if (known !== undefined) return known;
    const row = await db.promptTemplate.findFirst({ where: { id: templateId, ...ownedBy(viewer) } });
    return row && view(row);
  }

  async function fill(
    viewer: Viewer,
    content: string,
    values: readonly TemplateValue[],
    place: string,
  ): Promise<string> {
    const given = parseInput(templateValues, values, place).map(({ name, value }) => [name, value] as const);
    const ours = builtInValues(await viewer.account(), now());
    return fillTemplate(content, new Map([...Object.entries(ours), ...given]));
  }

  return {
    find,

    /** The built-in ones by category, then the viewer's own by name; of one category, whatever its case, or all. */
    async list(viewer: Viewer, category: string | null = null): Promise<PromptTemplate[]> {
      const rows = await db.promptTemplate.findMany({ where: ownedBy(viewer), take: templateLimits.count });
      const own = rows.map(view).sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
      const wanted = category?.trim().toLowerCase();
      return [...builtIn.values(), ...own].filter(
        (template) => wanted === undefined || template.category.toLowerCase() === wanted,
      );
    },

    /** Throws `invalid_input`, and `conflict` where the viewer has as many as one may have. */
    async create(viewer: Viewer, input: z.input<typeof templateInput>): Promise<PromptTemplate> {
      const data = parseInput(templateInput, input);
      if ((await db.promptTemplate.count({ where: ownedBy(viewer) })) >= templateLimits.count) {
        throw new PortalError('conflict', `There are ${templateLimits.count} templates already: delete one first.`);
      }
      return view(await db.promptTemplate.create({ data: { id: uuid(), ...ownedBy(viewer), ...data } }));
    },

    /** Replaces all of it. Throws `invalid_input`, `not_found`, and `forbidden` for a built-in one. */
    async update(viewer: Viewer, id: string, input: z.input<typeof templateInput>): Promise<PromptTemplate> {
      const data = parseInput(templateInput, input);
      const [row] = await db.promptTemplate.updateManyAndReturn({
        where: { id: requireOwn(id), ...ownedBy(viewer) },
        data: { ...data, updatedAt: new Date() },
      });
      if (row === undefined) throw notFound('template');
      return view(row);
    },

    /** Sessions that began from it keep their system prompt. Returns the id. Throws as `update`. */
    async delete(viewer: Viewer, id: string): Promise<string> {
      const templateId = requireOwn(id);
      const { count } = await db.promptTemplate.deleteMany({ where: { id: templateId, ...ownedBy(viewer) } });
      if (count === 0) throw notFound('template');
      return templateId;
    },

    /** What is to be filled in by whoever uses it: its variables but the built-in ones, in the order of the text. */
    variables({ content }: PromptTemplate): string[] {
      const filledByUs: ReadonlySet<string> = new Set(builtInVariables);
      return variablesOf(content).filter((name) => !filledByUs.has(name));
    },

    /**
     * The content with the built-in variables as they are now and those for which a value is given, which wins; others
     * stay as they are written. Throws `invalid_input` where values break their limits.
     */
    async text(viewer: Viewer, { content }: PromptTemplate, values: readonly TemplateValue[] = []): Promise<string> {
      return fill(viewer, content, values, 'values');
    },

    /** The same, as the system prompt of a session. Throws `not_found`, and `invalid_input` where it grew too long. */
    async systemPrompt(viewer: Viewer, id: string, values: readonly TemplateValue[] = []): Promise<string> {
      const template = await find(viewer, id);
      if (template === null) throw notFound('template');
      const place = 'input.templateValues';
      const prompt = await fill(viewer, template.content, values, place);
      if (prompt.length > limits.systemPrompt) {
        const message = `make the system prompt longer than ${limits.systemPrompt} characters`;
        throw invalidInput([{ path: place, message }]);
      }
      return prompt;
    },
  };
}

/** The id of what could be one's own. Throws `not_found`, `forbidden`. */
function requireOwn(id: string): string {
  const templateId = requireId(id, 'template');
  const known = builtIn.get(templateId);
  if (known === undefined) return templateId;
  throw new PortalError('forbidden', `${known.name} comes with the portal and cannot be changed: make a copy of it.`);
}

function view({ id, name, category, description, content }: TemplateRow): PromptTemplate {
  return { id, name, category, description, content, builtIn: false };
}

import type { Client } from 'urql';
import type { PromptTemplateValueInput, TemplatePartsFragment } from '../../gql/graphql.ts';
import { type Problem, problemOf } from '../../lib/errors.ts';
import { FilledTemplates } from './documents.ts';

export type Template = TemplatePartsFragment;

/** A template that was chosen, with what its variables stand for. */
export interface ChosenTemplate {
  id: string;
  name: string;
  category: string;
  values: PromptTemplateValueInput[];
}

/** What the clock of this browser says, for the variables that the server would fill from its own. */
export function clockValues(moment: Date): PromptTemplateValueInput[] {
  const twoDigits = (value: number) => String(value).padStart(2, '0');
  const date = [moment.getFullYear(), twoDigits(moment.getMonth() + 1), twoDigits(moment.getDate())].join('-');
  const time = `${twoDigits(moment.getHours())}:${twoDigits(moment.getMinutes())}`;
  return [
    { name: 'CURRENT_DATE', value: date },
    { name: 'CURRENT_TIME', value: time },
    { name: 'CURRENT_DATETIME', value: `${date} ${time}` },
    { name: 'CURRENT_WEEKDAY', value: moment.toLocaleDateString('en', { weekday: 'long' }) },
    { name: 'CURRENT_TIMEZONE', value: Intl.DateTimeFormat().resolvedOptions().timeZone },
  ];
}

/** The text of a chosen template, as of now. */
export async function fillTemplate(client: Client, chosen: ChosenTemplate): Promise<{ text: string } | Problem> {
  const { id, category, values } = chosen;
  const { data, error } = await client
    .query(FilledTemplates, { category, values }, { requestPolicy: 'network-only' })
    .toPromise();
  if (error) return problemOf(error);
  const text = data?.promptTemplates.find((template) => template.id === id)?.text;
  return text === undefined ? { code: 'NOT_FOUND', message: 'This template is not here any more.' } : { text };
}

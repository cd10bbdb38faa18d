/** A value for a variable of a template: `{{name}}`. */
export interface TemplateValue {
  name: string;
  value: string;
}

/**
 * A variable: a letter or `_`, then letters, digits, `_` and `-`, at most 64 in all; spaces around it do not count.
 * Braces around anything else are text.
 */
const variablePattern = /\{\{[ \t]*([\p{L}_][\p{L}\p{M}\p{N}_-]{0,63})[ \t]*\}\}/gu;

/** The variables that the portal fills by itself. */
export const builtInVariables = [
  'CURRENT_DATE',
  'CURRENT_TIME',
  'CURRENT_DATETIME',
  'CURRENT_WEEKDAY',
  'CURRENT_TIMEZONE',
  'USER_NAME',
] as const;

/** The names of all variables in the text, each once, in the order in which they come first. */
export function variablesOf(text: string): string[] {
  return [...new Set([...text.matchAll(variablePattern)].map(([, name = '']) => name))];
}

/** The text with each variable that has a value replaced by it; the others stay as they are, and values are not filled. */
export function fillTemplate(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(variablePattern, (variable, name: string) => values.get(name) ?? variable);
}

/**
 * What the built-in variables say to a person at a moment, in the time zone of this machine: 2026-11-21, 14:05,
 * 2026-11-21 14:05, Saturday, Europe/Paris. A person who has no name is `the user`.
 */
export function builtInValues(
  person: { name: string | null },
  moment: Date,
): Record<(typeof builtInVariables)[number], string> {
  const date = [
    String(moment.getFullYear()).padStart(4, '0'),
    twoDigits(moment.getMonth() + 1),
    twoDigits(moment.getDate()),
  ].join('-');
  const time = `${twoDigits(moment.getHours())}:${twoDigits(moment.getMinutes())}`;
  return {
    CURRENT_DATE: date,
    CURRENT_TIME: time,
    CURRENT_DATETIME: `${date} ${time}`,
    CURRENT_WEEKDAY: moment.toLocaleDateString('en', { weekday: 'long' }),
    CURRENT_TIMEZONE: Intl.DateTimeFormat().resolvedOptions().timeZone,
    USER_NAME: person.name?.trim() || 'the user',
  };
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

const id = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;

/** The first id in a text, as in the address of a conversation; null where there is none. */
export function idIn(text: string): string | null {
  return id.exec(text)?.[0].toLowerCase() ?? null;
}

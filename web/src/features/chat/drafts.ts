import { recall, remember } from '../../lib/local-storage.ts';
import { randomId } from '../../lib/random-id.ts';

/** What stands in the input, and the key that makes sending exactly this text twice one message. */
export interface Draft {
  text: string;
  key: string;
  /** The answer that its writer saw last when nobody could tell whether it was sent; sent again, it goes to the same place. */
  parentId?: string | undefined;
  /** The conversation that was begun for it, where nobody could tell whether it was sent. */
  sessionId?: string | undefined;
}

const nameOf = (place: string) => `draft.${place}`;

/** The draft of a conversation (`new` for the one that does not exist yet), also after a reload. */
export function loadDraft(place: string): Draft {
  const kept = recall(nameOf(place));
  try {
    const draft: unknown = kept === null ? null : JSON.parse(kept);
    if (isDraft(draft)) return draft;
  } catch {
    // Kept by something else: begin anew.
  }
  return newDraft('');
}

export function saveDraft(place: string, draft: Draft): void {
  remember(nameOf(place), draft.text === '' ? null : JSON.stringify(draft));
}

const onItsWay = (place: string) => `${place}.sent`;

/** The draft of a place, with what was on its way from there when the page was left, and of which nobody knows whether it arrived. */
export function recallDraft(place: string): Draft {
  const unsent = loadDraft(onItsWay(place));
  const typed = loadDraft(place);
  return unsent.text === '' ? typed : restoreDraft(unsent, typed);
}

/** Keeps what is on its way, until `forgetUnsent`. */
export function keepUnsent(place: string, draft: Draft): void {
  saveDraft(onItsWay(place), draft);
}

/** What is on its way under this key; null where it has arrived, or is in the input again. */
export function unsentUnder(place: string, key: string): Draft | null {
  const kept = loadDraft(onItsWay(place));
  return kept.key === key ? kept : null;
}

export function forgetUnsent(place: string): void {
  saveDraft(onItsWay(place), newDraft(''));
}

/** What was typed in one place goes on in another. */
export function moveDraft(from: string, to: string): void {
  const draft = loadDraft(from);
  if (draft.text === '') return;
  saveDraft(to, draft);
  saveDraft(from, newDraft(''));
}

/** Another text is another message. */
export function newDraft(text: string): Draft {
  return { text, key: randomId() };
}

/** The draft as it is sent by someone who saw this answer last, unless it has its place already. */
export function placedDraft(draft: Draft, parentId: string | undefined): Draft {
  return draft.parentId !== undefined || parentId === undefined ? draft : { ...draft, parentId };
}

/** Puts a text that was not sent back, before whatever was typed meanwhile; alone, it keeps its key. */
export function restoreDraft(unsent: Draft, typed: Draft): Draft {
  return typed.text.trim() === '' ? unsent : newDraft(`${unsent.text}\n\n${typed.text}`);
}

function isDraft(value: unknown): value is Draft {
  return (
    typeof value === 'object' &&
    value !== null &&
    'text' in value &&
    typeof value.text === 'string' &&
    'key' in value &&
    typeof value.key === 'string' &&
    (!('parentId' in value) || typeof value.parentId === 'string') &&
    (!('sessionId' in value) || typeof value.sessionId === 'string')
  );
}

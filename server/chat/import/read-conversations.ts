import { PortalError } from '../../errors.ts';
import { exportVersion } from '../export-format.ts';
import { importLimits } from './conversation.ts';
import { createJsonOutline, type OutlineEvent, type Path } from './json-outline.ts';
import {
  createConversationCollector,
  isField,
  isMessagePlace,
  type SourceConversation,
} from './source-conversation.ts';

export interface ReadOptions {
  /** Whether what is not looked at must be JSON too. */
  validate: boolean;
  signal: AbortSignal;
}

const containers = new Map<string, 'object' | 'array'>([
  ['messages', 'array'],
  ['mapping', 'object'],
  ['history', 'object'],
  ['history.messages', 'object'],
  ['chat', 'object'],
  ['chat.history', 'object'],
  ['chat.history.messages', 'object'],
]);

/**
 * The conversations of a JSON text, one after the other, whichever format each has: the text is one conversation, a list
 * of them, or a portal's export of all sessions. What stands in a list and is none comes with `format` null. Throws
 * JsonSyntaxError, and `invalid_input` for an export of a later portal and for too many conversations.
 */
export async function* readConversations(
  chunks: AsyncIterable<Buffer>,
  { validate, signal }: ReadOptions,
): AsyncGenerator<SourceConversation> {
  let inPortalExport = false;
  let collector = newCollector();
  let recognised = false;
  let count = 0;
  /** Whether the text itself would be a conversation: no list, and no export of all sessions. */
  let single = true;
  const outline = createJsonOutline({
    enters: (path, kind) => {
      if (path.length === 0) {
        single = kind === 'object';
        return true;
      }
      if (isSessionList(path)) return kind === 'array';
      const place = placeOf(path);
      if (place === null) return false;
      return place === '' ? kind === 'object' : containers.get(place) === kind;
    },
    maxBytes: (path) => {
      if (isMessagePlace(placeOf(path.slice(0, -1)))) return importLimits.messageBytes;
      if (isField(placeOf(path)) || isVersion(path)) return importLimits.fieldBytes;
      return validate || placeOf(path) === '' ? importLimits.messageBytes : 0;
    },
  });

  function newCollector() {
    return createConversationCollector(() => inPortalExport);
  }

  function take(event: OutlineEvent): SourceConversation | null {
    const place = placeOf(event.path);
    switch (event.type) {
      case 'open':
        if (isSessionList(event.path)) [inPortalExport, single] = [true, false];
        // What stood before a list of sessions is of none of them.
        if (place === '') collector = newCollector();
        if (isMessagePlace(place)) {
          recognised = true;
          collector.open(place);
        }
        return null;
      case 'close':
        if (place === '' && !isSessionList(event.path)) return end();
        return event.path.length === 0 && (single || recognised) ? end() : null;
      case 'value':
        if (isVersion(event.path)) {
          requireKnownVersion(event.value);
          inPortalExport = true;
        }
        return takePart(event);
      case 'unread':
        return takePart(event);
    }
  }

  function takePart(event: Extract<OutlineEvent, { type: 'value' | 'unread' }>): SourceConversation | null {
    const { path } = event;
    const place = placeOf(path);
    const above = placeOf(path.slice(0, -1));
    if (place === '' || path.length === 0) return end();
    if (isMessagePlace(above)) {
      if (event.type === 'value') {
        collector.message(above, path.at(-1) ?? '', event.value, event.start, event.length);
      } else collector.unreadMessage(above, limitOf(event.because, importLimits.messageBytes));
    } else if (isField(place)) {
      if (event.type === 'value') collector.field(place, event.value);
      else collector.unreadField(place, limitOf(event.because, importLimits.fieldBytes));
    }
    return null;
  }

  function end(): SourceConversation {
    const conversation = collector.end();
    collector = newCollector();
    recognised = false;
    count += 1;
    if (count > importLimits.conversations) {
      throw refuseFile(`must hold at most ${importLimits.conversations} conversations`);
    }
    return conversation;
  }

  for await (const chunk of chunks) {
    signal.throwIfAborted();
    for (const event of outline.write(chunk)) {
      const conversation = take(event);
      if (conversation !== null) yield conversation;
    }
  }
  for (const event of outline.end()) {
    const conversation = take(event);
    if (conversation !== null) yield conversation;
  }
}

/** Of a part of a conversation, where it stands below it; '' for the conversation itself; null for what is in none. */
function placeOf(path: Path): string | null {
  const [first, second] = path;
  if (typeof first === 'number') return path.slice(1).join('.');
  if (first === 'sessions') return typeof second === 'number' ? path.slice(2).join('.') : null;
  return path.length === 0 ? null : path.join('.');
}

const isSessionList = (path: Path) => path.length === 1 && path[0] === 'sessions';
const isVersion = (path: Path) => path.length === 1 && path[0] === 'export_version';

function requireKnownVersion(version: unknown): void {
  const [known] = exportVersion.split('.');
  if (typeof version === 'string' && version.split('.')[0] === known) return;
  throw refuseFile(`is an export of version ${JSON.stringify(version)?.slice(0, 20)}; this portal reads ${known}.x`);
}

export function refuseFile(message: string): PortalError {
  return new PortalError('invalid_input', `The file ${message}.`);
}

function limitOf(because: 'too large' | 'too deep', bytes: number): string {
  return because === 'too deep' ? 'nested deeper than 64 levels' : `larger than ${bytes} bytes of JSON`;
}

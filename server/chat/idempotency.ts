import { isDeepStrictEqual } from 'node:util';
import { PortalError } from '../errors.ts';
import type { Message, Reply } from '../stores/prisma/client.ts';
import type { Asked } from './reply-start.ts';

/** What a client says that it wants; it says the same again where it does not know whether it was heard. */
export interface Wanted {
  /** Null: one that it begins. */
  sessionId: string | null;
  content: string;
  /** Null where it names none, which may be another one by now. */
  parentId: string | null;
  context: unknown;
  /** Of a question; null where nothing is asked. */
  asked: Asked | null;
}

/** Throws `conflict` where the key of a message that is stored now comes with something else. An answer of the cache does not say how it was asked for. */
export function refuseAnotherUse(message: Message, reply: Reply | null, wanted: Wanted): void {
  const { sessionId, content, parentId, context, asked } = wanted;
  const same =
    message.content === content &&
    (sessionId === null ? message.parentId === null : sameId(message.sessionId, sessionId)) &&
    (parentId === null || sameId(message.parentId, parentId)) &&
    isDeepStrictEqual(asJson(message.context), asJson(context)) &&
    (asked === null || reply === null || isDeepStrictEqual(askedOf(reply), askedAs(asked)));
  if (!same) throw new PortalError('conflict', 'This idempotency key was used for another message.');
}

function sameId(one: string | null, other: string): boolean {
  return one === other.toLowerCase();
}

function askedOf({ generation, askedModel, cachePolicy }: Reply) {
  return { generation: asJson(generation), model: askedModel, cache: cachePolicy };
}

function askedAs({ generation, model, cache }: Asked) {
  return { generation: asJson(generation), model, cache };
}

/** As Postgres gives it back. */
function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}

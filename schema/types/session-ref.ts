import type { Session as SessionRow } from '../../server/chat/sessions.ts';
import { builder } from '../builder.ts';

/** Messages and sessions name each other: the reference stands apart, so that neither file imports the other's fields. */
export const Session = builder.objectRef<SessionRow>('Session');

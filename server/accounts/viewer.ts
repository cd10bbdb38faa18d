import { PortalError } from '../errors.ts';
import type { Database } from '../stores/database.ts';

/** Whoever asks. Every read and write of a rule carries one. */
export interface Viewer {
  id: string;
  email: string;
  name: string | null;
  role: 'user' | 'admin';
  createdAt: Date;
}

/** The row of single-user mode's one user. */
const singleUserId = '00000000-0000-0000-0000-000000000001';

/** Who a request speaks for, as it stands now. In single-user mode whoever reaches the portal is its one user. */
export async function authenticate(db: Pick<Database, 'user'>): Promise<Viewer> {
  const user = await db.user.findUniqueOrThrow({ where: { id: singleUserId } });
  return { ...user, role: user.role === 'admin' ? 'admin' : 'user' };
}

/** In single-user mode everybody is one. Throws `forbidden`. */
export function requireAdmin({ role }: Pick<Viewer, 'role'>): void {
  if (role !== 'admin') throw new PortalError('forbidden', 'Only an administrator may do this.');
}

/** The part of every `where` that says whose rows may be seen. */
export function ownedBy(viewer: Pick<Viewer, 'id'>): { userId: string } {
  return { userId: viewer.id };
}

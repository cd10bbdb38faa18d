import { PortalError } from '../errors.ts';
import type { Database } from '../stores/database.ts';

/** Whoever asks. Every read and write of a rule carries one. */
export interface Viewer {
  id: string;
  /** Who that is and what they may do, as it stands now: read when an operation first asks for it. */
  account(): Promise<Account>;
}

export interface Account {
  id: string;
  email: string;
  name: string | null;
  role: 'user' | 'admin';
  createdAt: Date;
}

/** The row of single-user mode's one user. */
const singleUserId = '00000000-0000-0000-0000-000000000001';

/**
 * Who an operation speaks for. In single-user mode whoever reaches the portal is its one user, so that nothing need be read to know
 * them; what they may do is read by whoever decides by it.
 */
export function authenticate(db: Pick<Database, 'user'>): Viewer {
  let account: Promise<Account> | null = null;
  return {
    id: singleUserId,
    account() {
      account ??= readAccount(db, singleUserId);
      return account;
    },
  };
}

async function readAccount(db: Pick<Database, 'user'>, id: string): Promise<Account> {
  const user = await db.user.findUniqueOrThrow({ where: { id } });
  return { ...user, role: user.role === 'admin' ? 'admin' : 'user' };
}

/** In single-user mode everybody is one. Throws `forbidden`. */
export async function requireAdmin(viewer: Pick<Viewer, 'account'>): Promise<void> {
  const { role } = await viewer.account();
  if (role !== 'admin') throw new PortalError('forbidden', 'Only an administrator may do this.');
}

/** The part of every `where` that says whose rows may be seen. */
export function ownedBy(viewer: Pick<Viewer, 'id'>): { userId: string } {
  return { userId: viewer.id };
}

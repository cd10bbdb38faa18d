import type { Account } from '../../server/accounts/viewer.ts';
import { builder } from '../builder.ts';

const UserRole = builder.enumType('UserRole', {
  description: 'What a user may do.',
  values: {
    USER: { value: 'user', description: 'May use everything of their own.' },
    ADMIN: { value: 'admin', description: 'May also manage models, the cache and the figures of all.' },
  } as const,
});

const User = builder.objectRef<Account>('User').implement({
  description: 'Somebody who has conversations here.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Stays the same for ever.' }),
    email: t.exposeString('email', { description: 'The address that the account belongs to.' }),
    name: t.exposeString('name', { nullable: true, description: 'What they want to be called.' }),
    role: t.field({ type: UserRole, description: 'What they may do.', resolve: (user) => user.role }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When the account was made.',
      resolve: (user) => user.createdAt,
    }),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({
    type: User,
    description: 'Whoever asks. In single-user mode always the one built-in user.',
    resolve: (_root, _args, { viewer }) => viewer.account(),
  }),
);

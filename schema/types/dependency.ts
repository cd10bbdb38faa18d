import type { Dependency as DependencyState } from '../../server/telemetry/dependencies.ts';
import { builder } from '../builder.ts';

const Dependency = builder.objectRef<DependencyState>('Dependency').implement({
  description: 'A part that the portal needs, and how it is doing.',
  fields: (t) => ({
    name: t.exposeString('name', { description: '`postgres`, `redis`, `model` or `websocket`.' }),
    status: t.exposeString('status', { description: '`ok`, `down`, or `disabled` for one that is not used.' }),
    latencyMs: t.exposeFloat('latencyMs', { nullable: true, description: 'A round trip to it.' }),
    message: t.exposeString('message', { nullable: true, description: 'What there is to say about it.' }),
  }),
});

builder.queryField('dependencies', (t) =>
  t.field({
    type: [Dependency],
    description: 'The same as `/health/deps`. Admins only, except in single-user mode.',
    resolve: (_root, _args, { rules }) => rules.dependencies(),
  }),
);

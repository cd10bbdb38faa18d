import { describe, expect, it } from 'vitest';
import { importsOf } from './import-graph.ts';
import { brokenRules, floorRules } from './rules.ts';

const verdict = (from: string, to: string) => brokenRules([{ from, to, line: 1 }]).map(({ rule }) => rule.name);

const refused: Record<string, [from: string, to: string][]> = {
  'rules-know-no-transport': [
    ['server/chat/sessions.ts', 'npm:fastify'],
    ['server/cache/prompt-key.ts', 'npm:graphql'],
    ['server/accounts/viewer.ts', 'npm:ws'],
    ['server/telemetry/usage.ts', 'schema/context.ts'],
    ['server/chat/replies.ts', 'server/http/errors.ts'],
  ],
  'rules-see-contracts': [
    ['server/chat/replies.ts', 'server/inference/llama/llama-engine.ts'],
    ['server/chat/replies.ts', 'server/stores/token-log-memory.ts'],
  ],
  'edges-see-contracts': [
    ['schema/types/model.ts', 'server/inference/scripted.ts'],
    ['server/rest/sessions.ts', 'server/stores/redis.ts'],
  ],
  'schema-knows-no-host': [
    ['schema/builder.ts', 'npm:graphql-yoga'],
    ['schema/context.ts', 'server/http/graphql.ts'],
  ],
  'machines-know-no-rules': [
    ['server/inference/catalog.ts', 'server/chat/models.ts'],
    ['server/stores/database.ts', 'schema/builder.ts'],
  ],
  'machines-stand-alone': [['server/inference/catalog.ts', 'server/stores/database.ts']],
  'stores-stand-alone': [['server/stores/answer-store.ts', 'server/inference/engine.ts']],
  'llama-behind-its-door': [
    ['server/inference/catalog.ts', 'npm:node-llama-cpp'],
    ['server/app.ts', 'npm:node-llama-cpp'],
  ],
  'database-behind-its-door': [
    ['server/app.ts', 'npm:ioredis'],
    ['server/chat/search.ts', 'npm:pg'],
    ['server/chat/search.ts', 'npm:@prisma/client/runtime/client'],
  ],
  'the-app-is-on-top': [['server/http/server.ts', 'server/app.ts']],
  'the-ground-is-bare': [['server/errors.ts', 'server/http/errors.ts']],
  'web-meets-the-graph': [['web/src/main.tsx', 'server/chat/messages.ts']],
  'server-serves-any-client': [['server/http/web-app.ts', 'web/src/main.tsx']],
  'features-stand-alone': [['web/src/features/chat/chat-page.tsx', 'web/src/features/sessions/sidebar.tsx']],
  'parts-know-no-feature': [['web/src/components/button.tsx', 'web/src/features/chat/chat-page.tsx']],
  'tests-stay-outside': [
    ['server/app.ts', 'tests/testkit/portal.ts'],
    ['server/app.ts', 'server/stores/token-log.test.ts'],
  ],
};

const allowed: [from: string, to: string][] = [
  ['server/main.ts', 'server/app.ts'],
  ['server/app.ts', 'server/inference/llama/llama-engine.ts'],
  ['server/app.ts', 'schema/index.ts'],
  ['server/http/graphql.ts', 'schema/context.ts'],
  ['server/http/graphql.ts', 'npm:graphql-yoga'],
  ['schema/types/session.ts', 'server/chat/sessions.ts'],
  ['server/chat/replies.ts', 'server/inference/engine.ts'],
  ['server/chat/replies.ts', 'server/stores/prisma/client.ts'],
  ['server/chat/replies.ts', 'server/errors.ts'],
  ['server/inference/llama/child.ts', 'npm:node-llama-cpp'],
  ['server/stores/database.ts', 'npm:pg'],
  ['web/src/features/chat/chat-page.tsx', 'web/src/features/chat/message.tsx'],
  ['web/src/features/chat/chat-page.tsx', 'web/src/components/button.tsx'],
];

describe('the floors', () => {
  it('have an example of a broken import each', () => {
    expect(Object.keys(refused)).toEqual(floorRules.map((rule) => rule.name));
  });

  it.each(Object.entries(refused).flatMap(([rule, pairs]) => pairs.map(([from, to]) => ({ rule, from, to }))))(
    '$rule: $from does not import $to',
    ({ rule, from, to }) => {
      expect(verdict(from, to)).toEqual([rule]);
    },
  );

  it.each(allowed)('%s may import %s', (from, to) => {
    expect(verdict(from, to)).toEqual([]);
  });
});

describe('importsOf', () => {
  it('finds every way to import', () => {
    const text = [
      "import { a } from './a.ts';",
      "import type { B } from '../stores/b.ts';",
      "export { c } from './c.ts';",
      "export type * from './d.ts';",
      "import './e.css';",
      "import fs from 'fs';",
      "import ws, { type WebSocket } from 'ws';",
      "const f = await import('@/f.ts');",
    ].join('\n');
    expect(
      importsOf('server/chat/x.ts', text, '/nowhere')
        .map(({ line, to }) => `${line} ${to}`)
        .sort(),
    ).toEqual([
      '1 server/chat/a.ts',
      '2 server/stores/b.ts',
      '3 server/chat/c.ts',
      '4 server/chat/d.ts',
      '5 server/chat/e.css',
      '6 node:fs',
      '7 npm:ws',
      '8 web/src/f.ts',
    ]);
  });

  it('refuses a file that it cannot parse', () => {
    expect(() => importsOf('server/x.ts', 'import { from', '/nowhere')).toThrow('server/x.ts');
  });
});

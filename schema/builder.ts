import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import TracingPlugin, { isRootField } from '@pothos/plugin-tracing';
import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';
import { inSpan, isTraced } from '../server/spans.ts';
import type { GraphContext } from './context.ts';

export interface SchemaTypes {
  Context: GraphContext;
  DefaultFieldNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    JSON: { Input: unknown; Output: unknown };
  };
}

/** Fields are non-null unless they say `nullable: true`; every one has a description, since the schema is the manual. */
export const builder = new SchemaBuilder<SchemaTypes>({
  defaultFieldNullability: false,
  plugins: [TracingPlugin, ComplexityPlugin],
  tracing: {
    // Of a subscription each event would be one.
    default: (config) => isRootField(config) && config.parentType !== 'Subscription',
    wrap:
      (resolve, _options, { parentType, name }) =>
      (source, args, context, info) => {
        const work = () => resolve(source, args, context, info);
        return isTraced() ? inSpan(`${parentType}.${name}`, {}, async () => work()) : work();
      },
  },
  complexity: {
    // A page of 100 messages with everything about each costs some 5,000; lists within lists multiply.
    limit: { complexity: 20_000 },
    complexityError: () =>
      new GraphQLError('The operation asks for too much at once: ask for smaller pages, or for less of each.', {
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED', http: { status: 400 } },
      }),
  },
});

builder.queryType({});
builder.mutationType({});
builder.subscriptionType({});

builder.addScalarType(
  'DateTime',
  new GraphQLScalarType<Date, string>({
    name: 'DateTime',
    description: 'A moment as ISO 8601, in UTC.',
    serialize: (value) => (value instanceof Date ? value : new Date(String(value))).toISOString(),
    parseValue: parseDate,
    parseLiteral: (node) => parseDate(node.kind === Kind.STRING ? node.value : null),
  }),
);

builder.addScalarType(
  'JSON',
  new GraphQLScalarType<unknown, unknown>({
    name: 'JSON',
    description: 'Any JSON value.',
    serialize: (value) => value,
    parseValue: (value) => value,
    parseLiteral: jsonOf,
  }),
);

function parseDate(value: unknown): Date {
  const date = typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value) ? new Date(value) : null;
  if (date === null || Number.isNaN(date.getTime())) throw new TypeError('A DateTime is an ISO 8601 string.');
  return date;
}

function jsonOf(node: ValueNode, variables?: Record<string, unknown> | null): unknown {
  switch (node.kind) {
    case Kind.NULL:
      return null;
    case Kind.INT:
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.STRING:
    case Kind.BOOLEAN:
    case Kind.ENUM:
      return node.value;
    case Kind.LIST:
      return node.values.map((value) => jsonOf(value, variables));
    case Kind.OBJECT:
      return Object.fromEntries(node.fields.map((field) => [field.name.value, jsonOf(field.value, variables)]));
    case Kind.VARIABLE:
      return variables?.[node.name.value];
  }
}

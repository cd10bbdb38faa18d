import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buildSchema, findBreakingChanges, printSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { schema } from '../../schema/index.ts';

const read = (file: string) => readFileSync(path.join(import.meta.dirname, file), 'utf8');

describe('the public graph', () => {
  const contract = buildSchema(read('contract.graphql'));

  it('holds all of the contract, and changes nothing of it', () => {
    expect(findBreakingChanges(contract, schema)).toEqual([]);
  });

  it('is printed as it is', () => {
    expect(read('../../schema/schema.graphql')).toBe(`${printSchema(schema)}\n`);
  });

  it('describes every type, field, argument and enum value', () => {
    const undescribed = Object.values(schema.getTypeMap())
      .filter((type) => !type.name.startsWith('__') && !['Query', 'Mutation', 'Subscription'].includes(type.name))
      .flatMap((type) => {
        const fields = 'getFields' in type ? Object.values(type.getFields()) : [];
        const values = 'getValues' in type ? type.getValues() : [];
        const args = fields.flatMap((field) => ('args' in field ? [...field.args] : []));
        return [type, ...fields, ...values, ...args]
          .filter((part) => !part.description)
          .map((part) => `${type.name}: ${part.name}`);
      });
    expect(undescribed).toEqual([]);
  });
});

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/** A JSON Schema of the description. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  default?: unknown;
}

interface Parameter {
  in: 'path' | 'query' | 'header';
  name: string;
  required?: boolean;
  schema: Schema;
}

interface Content {
  content?: Record<string, { schema: Schema; example?: unknown }>;
}

/** One route of the description. */
export interface Operation {
  operationId: string;
  method: string;
  /** With its parameters in braces. */
  address: string;
  parameters: Parameter[];
  body: Schema | null;
  /** A body that should be answered well. */
  example: unknown;
  responses: Record<string, Content>;
}

interface Description {
  paths: Record<string, Record<string, OperationInFile>>;
  components: { schemas: Record<string, Schema> };
}

interface OperationInFile {
  operationId: string;
  parameters?: Parameter[];
  requestBody?: Content;
  responses: Record<string, Content>;
}

/** The description as it is committed. */
export const description = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../../server/rest/openapi.json'), 'utf8'),
) as Description;

export const operations: readonly Operation[] = Object.entries(description.paths).flatMap(([address, methods]) =>
  Object.entries(methods).map(([method, { operationId, parameters = [], requestBody, responses }]) => ({
    operationId,
    method: method.toUpperCase(),
    address,
    parameters,
    body: requestBody?.content?.['application/json']?.schema ?? null,
    example: exampleOf(requestBody),
    responses,
  })),
);

/** The route that a request goes to; null where the description has none. */
export function operationOf(method: string, pathname: string): Operation | null {
  const fits = (address: string) => new RegExp(`^${address.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(pathname);
  const all = operations.filter((operation) => operation.method === method && fits(operation.address));
  // An address without parameters comes before one that has them.
  return all.sort((a, b) => a.parameters.length - b.parameters.length)[0] ?? null;
}

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema({ $id: 'description', components: description.components });
const validators = new Map<Schema, ValidateFunction>();

function validatorOf(schema: Schema): ValidateFunction {
  const known = validators.get(schema);
  if (known !== undefined) return known;
  const text = JSON.stringify(schema).replaceAll('"#/components/', '"description#/components/');
  const validate = ajv.compile(JSON.parse(text));
  validators.set(schema, validate);
  return validate;
}

/** What an answer says that its route's description does not; null where it is as described. */
export function differenceOf(operation: Operation, status: number, type: string | null, body: unknown): string | null {
  const described = operation.responses[status] ?? operation.responses.default;
  if (described === undefined) return `${status} is not described`;
  if (described.content === undefined) return body === null ? null : `${status} is described without a body`;
  const media = type?.split(';')[0]?.trim() ?? '(none)';
  const schema = described.content[media]?.schema;
  if (schema === undefined) return body === null ? null : `${status} is not described as ${media}`;
  if (media === 'text/event-stream') return null;
  const validate = validatorOf(schema);
  return validate(body) ? null : ajv.errorsText(validate.errors);
}

/** The example of the description, else the smallest value that the schema allows; undefined where there is no body. */
function exampleOf(body: Content | undefined): unknown {
  const json = body?.content?.['application/json'];
  return json && (json.example ?? sampleOf(json.schema));
}

function sampleOf(schema: Schema): unknown {
  if (schema.$ref !== undefined) return sampleOf(componentOf(schema.$ref));
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const [alternative] = schema.anyOf ?? schema.oneOf ?? [];
  if (alternative !== undefined) return sampleOf(alternative);
  switch ([schema.type].flat()[0]) {
    case 'string':
      return 'x';
    case 'integer':
    case 'number':
      return schema.minimum ?? 1;
    case 'boolean':
      return true;
    case 'array':
      return schema.minItems === undefined ? [] : [sampleOf(schema.items ?? {})];
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((name) => [name, sampleOf(schema.properties?.[name] ?? {})]),
      );
    default:
      return null;
  }
}

export function componentOf(reference: string): Schema {
  return description.components.schemas[reference.split('/').at(-1) ?? ''] ?? {};
}

import type { ListedModel } from './dialect.ts';

/** A model of which its server tells nothing but the name. */
export function unknownModel(id: string): ListedModel {
  return {
    id,
    digest: null,
    loaded: false,
    sizeBytes: null,
    modifiedAt: null,
    parameters: null,
    quantization: null,
    contextLength: null,
  };
}

/** A whole number above 0; null for anything else. */
export function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null;
}

/** A short text; null for anything else. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && value.length <= 100 ? value : null;
}

/** The value under these names, one in the other; undefined where there is none. */
export function valueAt(value: unknown, ...names: readonly string[]): unknown {
  return names.reduce<unknown>(
    (inner, name) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[name] : undefined,
    value,
  );
}

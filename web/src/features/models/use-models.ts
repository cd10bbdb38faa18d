import { useMemo } from 'react';
import { type CombinedError, useQuery } from 'urql';
import type { ModelPartsFragment } from '../../gql/graphql.ts';
import { readFragment } from '../../gql/index.ts';
import { ModelParts, Models } from './documents.ts';

export type Model = ModelPartsFragment;

/** The models, and the one that answers where none was chosen; `undefined` until they are known. */
export function useModels(): {
  models: readonly Model[] | undefined;
  usual: Model | null | undefined;
  error: CombinedError | undefined;
} {
  const [{ data, error }] = useQuery({ query: Models, requestPolicy: 'cache-and-network' });
  return useMemo(() => {
    const models = data?.models.map((model) => readFragment(ModelParts, model));
    const usable = models?.filter(({ problem }) => !problem);
    return { models, usual: usable && (usable.find(({ isDefault }) => isDefault) ?? usable[0] ?? null), error };
  }, [data, error]);
}

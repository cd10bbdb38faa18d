import { useQuery } from 'urql';
import type { ModelsQuery } from '../../gql/graphql.ts';
import { graphql } from '../../gql/index.ts';

const Models = graphql(`
  query Models {
    models {
      name
      isDefault
      loaded
      notice
      problem
    }
  }
`);

export type Model = ModelsQuery['models'][number];

/** The models, and the one that answers where none was chosen; `undefined` until they are known. */
export function useModels(): { models: readonly Model[] | undefined; usual: Model | null | undefined } {
  const [{ data }] = useQuery({ query: Models, requestPolicy: 'cache-and-network' });
  const usable = data?.models.filter(({ problem }) => !problem);
  return { models: data?.models, usual: usable && (usable.find(({ isDefault }) => isDefault) ?? usable[0] ?? null) };
}

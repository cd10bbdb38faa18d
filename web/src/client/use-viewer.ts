import { useQuery } from 'urql';
import type { ViewerQuery } from '../gql/graphql.ts';
import { graphql } from '../gql/index.ts';

const Viewer = graphql(`
  query Viewer {
    viewer {
      id
      email
      role
    }
  }
`);

/** Whoever looks at the page; undefined until that is known, null where it could not be asked. */
export function useViewer(): ViewerQuery['viewer'] | null | undefined {
  const [{ data, error }] = useQuery({ query: Viewer });
  return data?.viewer ?? (error && null);
}

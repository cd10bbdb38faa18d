import type { ThreadPageQueryVariables } from '../../gql/graphql.ts';
import { graphql } from '../../gql/index.ts';

/** One page of a session's active branch. */
export const ThreadPage = graphql(`
  query ThreadPage($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $around: ID) {
    session(id: $id) {
      id
      messages(first: $first, after: $after, last: $last, before: $before, around: $around) {
        edges {
          cursor
          node {
            ...ThreadMessage
          }
        }
        pageInfo {
          hasNextPage
          hasPreviousPage
          startCursor
          endCursor
        }
      }
    }
  }
`);

const pageSize = 50;

/** The page that a thread opens with. */
export const newestPage = (id: string): ThreadPageQueryVariables => ({ id, last: pageSize });
export const pageAround = (id: string, around: string): ThreadPageQueryVariables => ({ id, first: pageSize, around });
export const pageBefore = (id: string, before: string): ThreadPageQueryVariables => ({ id, last: pageSize, before });
export const pageAfter = (id: string, after: string): ThreadPageQueryVariables => ({ id, first: pageSize, after });

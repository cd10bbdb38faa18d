import { graphql } from '../../gql/index.ts';

/** What the list of conversations shows of one. */
export const SessionRow = graphql(`
  fragment SessionRow on Session {
    id
    title
    favorite
    archived
    updatedAt
  }
`);

export const SessionPage = graphql(`
  query SessionPage($first: Int!, $after: String, $filter: SessionFilter) {
    sessions(first: $first, after: $after, filter: $filter) {
      edges {
        cursor
        node {
          ...SessionRow
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const UpdateSession = graphql(`
  mutation UpdateSession($id: ID!, $input: UpdateSessionInput!) {
    updateSession(id: $id, input: $input) {
      ...SessionRow
    }
  }
`);

export const DeleteSession = graphql(`
  mutation DeleteSession($id: ID!) {
    deleteSession(id: $id)
  }
`);

export const Instructions = graphql(`
  query Instructions($id: ID!) {
    session(id: $id) {
      id
      systemPrompt
    }
  }
`);

export const SetInstructions = graphql(`
  mutation SetInstructions($id: ID!, $input: UpdateSessionInput!) {
    updateSession(id: $id, input: $input) {
      id
      systemPrompt
    }
  }
`);

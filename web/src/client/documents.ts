import { graphql } from '../gql/index.ts';

/** Everything of the viewer's that changes anywhere: other tabs, other devices. */
export const Changes = graphql(`
  subscription Changes {
    changes {
      __typename
      ... on SessionChanged {
        session {
          ...SessionRow
        }
      }
      ... on SessionDeleted {
        sessionId
      }
      ... on MessageChanged {
        message {
          id
          session {
            id
          }
          ...ThreadMessage
        }
      }
    }
  }
`);

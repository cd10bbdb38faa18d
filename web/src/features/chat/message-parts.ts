import { graphql } from '../../gql/index.ts';

/** What a message in the thread shows. */
export const MessageParts = graphql(`
  fragment MessageParts on Message {
    id
    role
    content
    status
    errorMessage
    rating
    pinned
    createdAt
    receipt {
      modelName
      finishReason
    }
  }
`);

/** A message with its place in the thread. */
export const ThreadMessage = graphql(`
  fragment ThreadMessage on Message {
    id
    role
    status
    parent {
      id
    }
    ...MessageParts
  }
`);

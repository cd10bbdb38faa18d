import { graphql } from '../../gql/index.ts';

export const ReplyEvents = graphql(`
  subscription ReplyEvents($messageId: ID!, $after: Int) {
    replyEvents(messageId: $messageId, after: $after) {
      __typename
      seq
      ... on ReplyQueued {
        position
        etaMs
      }
      ... on ReplyPrefill {
        done
        total
      }
      ... on ReplyText {
        offset
        text
      }
      ... on ReplyFinished {
        message {
          ...ThreadMessage
        }
      }
    }
  }
`);

/** What the end of a reply left, for a reader who came after it. */
export const FinishedMessage = graphql(`
  query FinishedMessage($id: ID!) {
    message(id: $id) {
      ...ThreadMessage
    }
  }
`);

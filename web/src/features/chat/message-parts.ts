import type { MessagePartsFragment } from '../../gql/graphql.ts';
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
    siblings {
      id
    }
    cacheHit {
      ...CacheHitParts
    }
    receipt {
      finishReason
      ...ReceiptParts
    }
  }
`);

/** Where an answer came from that was given before. */
export const CacheHitParts = graphql(`
  fragment CacheHitParts on CacheHit {
    sourceMessageId
    similarity
    ageSeconds
  }
`);

/** How an answer was made. */
export const ReceiptParts = graphql(`
  fragment ReceiptParts on Receipt {
    modelName
    promptTokens
    reusedTokens
    completionTokens
    tokensPerSecond
    timeToFirstTokenMs
    finishReason
    includedCount
    droppedCount
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
    receipt {
      droppedCount
      firstIncludedMessageId
    }
    ...MessageParts
  }
`);

export const isRunning = ({ status }: Pick<MessagePartsFragment, 'status'>): boolean =>
  status === 'PENDING' || status === 'IN_PROGRESS';

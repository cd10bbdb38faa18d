import { graphql } from '../../gql/index.ts';

export const SendMessage = graphql(`
  mutation SendMessage($input: SendMessageInput!) {
    sendMessage(input: $input) {
      message {
        ...ThreadMessage
      }
      reply {
        ...ThreadMessage
      }
    }
  }
`);

export const CreateSession = graphql(`
  mutation CreateSession($input: CreateSessionInput) {
    createSession(input: $input) {
      id
      ...SessionRow
    }
  }
`);

export const DiscardSession = graphql(`
  mutation DiscardSession($id: ID!) {
    deleteSession(id: $id)
  }
`);

export const StopReply = graphql(`
  mutation StopReply($id: ID!) {
    stopReply(id: $id) {
      ...MessageParts
    }
  }
`);

export const ResumeReply = graphql(`
  mutation ResumeReply($id: ID!) {
    resumeReply(id: $id) {
      ...MessageParts
    }
  }
`);

export const RegenerateReply = graphql(`
  mutation RegenerateReply($id: ID!) {
    regenerateReply(id: $id) {
      id
      session {
        id
      }
      ...ThreadMessage
    }
  }
`);

export const EditMessage = graphql(`
  mutation EditMessage($id: ID!, $content: String!) {
    editMessage(id: $id, content: $content) {
      message {
        id
        session {
          id
        }
        ...ThreadMessage
      }
      reply {
        ...ThreadMessage
      }
    }
  }
`);

export const SelectBranch = graphql(`
  mutation SelectBranch($messageId: ID!) {
    selectBranch(messageId: $messageId) {
      id
    }
  }
`);

export const RateMessage = graphql(`
  mutation RateMessage($id: ID!, $rating: Rating) {
    rateMessage(id: $id, rating: $rating) {
      id
      rating
    }
  }
`);

export const PinMessage = graphql(`
  mutation PinMessage($id: ID!, $pinned: Boolean!) {
    pinMessage(id: $id, pinned: $pinned) {
      id
      pinned
      session {
        id
        pinnedMessages {
          ...PinnedMessage
        }
      }
    }
  }
`);

export const PinnedMessage = graphql(`
  fragment PinnedMessage on Message {
    id
    role
    content
  }
`);

export const PinnedMessages = graphql(`
  query PinnedMessages($id: ID!) {
    session(id: $id) {
      id
      pinnedMessages {
        ...PinnedMessage
      }
    }
  }
`);

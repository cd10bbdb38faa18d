/* eslint-disable */
import * as types from './graphql';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  subscription Changes {\n    changes {\n      __typename\n      ... on SessionChanged {\n        session {\n          ...SessionRow\n        }\n      }\n      ... on SessionDeleted {\n        sessionId\n      }\n      ... on MessageChanged {\n        message {\n          id\n          session {\n            id\n          }\n          ...ThreadMessage\n        }\n      }\n    }\n  }\n": typeof types.ChangesDocument,
    "\n  query Viewer {\n    viewer {\n      id\n      email\n      role\n    }\n  }\n": typeof types.ViewerDocument,
    "\n  subscription LiveFigures($intervalMs: Int!) {\n    telemetry(intervalMs: $intervalMs) {\n      totalRequests\n      errorCount\n      cacheHits\n      cacheMisses\n      cacheHitRate\n      averageLatencyMs\n      p50LatencyMs\n      p95LatencyMs\n      timeToFirstTokenMs\n      tokensPerSecond\n      endedReplies {\n        ...EndedParts\n      }\n      activeReplies\n      queuedReplies\n      activeSessions\n      uptimeSeconds\n      cpuPercent\n      memoryBytes\n      memoryTotalBytes\n      eventLoopDelayMs\n      cacheBackend\n      cacheEntries\n      cacheSizeBytes\n      recent {\n        seconds\n        requests\n        endedReplies {\n          ...EndedParts\n        }\n        cacheHitRate\n        p50LatencyMs\n        p95LatencyMs\n        timeToFirstTokenMs\n        tokensPerSecond\n      }\n    }\n  }\n": typeof types.LiveFiguresDocument,
    "\n  fragment EndedParts on EndedReplies {\n    complete\n    cached\n    stopped\n    failed\n  }\n": typeof types.EndedPartsFragmentDoc,
    "\n  query UsageDays($from: DateTime!) {\n    usage(from: $from, all: true) {\n      date\n      modelName\n      answers\n      cachedAnswers\n      promptTokens\n      completionTokens\n      generationMs\n    }\n  }\n": typeof types.UsageDaysDocument,
    "\n  query ModelStates {\n    models {\n      name\n      provider\n      isDefault\n      loaded\n      memoryEstimateBytes\n      problem\n    }\n  }\n": typeof types.ModelStatesDocument,
    "\n  query CachedAnswers($userId: ID, $sessionId: ID) {\n    cachedAnswers(userId: $userId, sessionId: $sessionId)\n  }\n": typeof types.CachedAnswersDocument,
    "\n  mutation FlushCache($userId: ID, $sessionId: ID) {\n    flushCache(userId: $userId, sessionId: $sessionId)\n  }\n": typeof types.FlushCacheDocument,
    "\n  query RecentSessions {\n    sessions(first: 100) {\n      edges {\n        node {\n          id\n          title\n        }\n      }\n    }\n  }\n": typeof types.RecentSessionsDocument,
    "\n  query PlaceOfMessage($id: ID!) {\n    message(id: $id) {\n      id\n      session {\n        id\n      }\n    }\n  }\n": typeof types.PlaceOfMessageDocument,
    "\n  fragment MessageParts on Message {\n    id\n    role\n    content\n    status\n    errorMessage\n    rating\n    pinned\n    createdAt\n    siblings {\n      id\n    }\n    cacheHit {\n      ...CacheHitParts\n    }\n    receipt {\n      finishReason\n      ...ReceiptParts\n    }\n  }\n": typeof types.MessagePartsFragmentDoc,
    "\n  fragment CacheHitParts on CacheHit {\n    sourceMessageId\n    similarity\n    ageSeconds\n  }\n": typeof types.CacheHitPartsFragmentDoc,
    "\n  fragment ReceiptParts on Receipt {\n    modelName\n    promptTokens\n    reusedTokens\n    completionTokens\n    tokensPerSecond\n    timeToFirstTokenMs\n    finishReason\n    includedCount\n    droppedCount\n  }\n": typeof types.ReceiptPartsFragmentDoc,
    "\n  fragment ThreadMessage on Message {\n    id\n    role\n    status\n    parent {\n      id\n    }\n    receipt {\n      droppedCount\n      firstIncludedMessageId\n    }\n    ...MessageParts\n  }\n": typeof types.ThreadMessageFragmentDoc,
    "\n  mutation SendMessage($input: SendMessageInput!) {\n    sendMessage(input: $input) {\n      message {\n        ...ThreadMessage\n      }\n      reply {\n        ...ThreadMessage\n      }\n    }\n  }\n": typeof types.SendMessageDocument,
    "\n  mutation CreateSession($input: CreateSessionInput) {\n    createSession(input: $input) {\n      id\n      ...SessionRow\n    }\n  }\n": typeof types.CreateSessionDocument,
    "\n  mutation DiscardSession($id: ID!) {\n    deleteSession(id: $id)\n  }\n": typeof types.DiscardSessionDocument,
    "\n  mutation StopReply($id: ID!) {\n    stopReply(id: $id) {\n      ...MessageParts\n    }\n  }\n": typeof types.StopReplyDocument,
    "\n  mutation ResumeReply($id: ID!) {\n    resumeReply(id: $id) {\n      ...MessageParts\n    }\n  }\n": typeof types.ResumeReplyDocument,
    "\n  mutation RegenerateReply($id: ID!) {\n    regenerateReply(id: $id) {\n      id\n      session {\n        id\n      }\n      ...ThreadMessage\n    }\n  }\n": typeof types.RegenerateReplyDocument,
    "\n  mutation EditMessage($id: ID!, $content: String!) {\n    editMessage(id: $id, content: $content) {\n      message {\n        id\n        session {\n          id\n        }\n        ...ThreadMessage\n      }\n      reply {\n        ...ThreadMessage\n      }\n    }\n  }\n": typeof types.EditMessageDocument,
    "\n  mutation SelectBranch($messageId: ID!) {\n    selectBranch(messageId: $messageId) {\n      id\n    }\n  }\n": typeof types.SelectBranchDocument,
    "\n  mutation RateMessage($id: ID!, $rating: Rating) {\n    rateMessage(id: $id, rating: $rating) {\n      id\n      rating\n    }\n  }\n": typeof types.RateMessageDocument,
    "\n  mutation PinMessage($id: ID!, $pinned: Boolean!) {\n    pinMessage(id: $id, pinned: $pinned) {\n      id\n      pinned\n      session {\n        id\n        pinnedMessages {\n          ...PinnedMessage\n        }\n      }\n    }\n  }\n": typeof types.PinMessageDocument,
    "\n  fragment PinnedMessage on Message {\n    id\n    role\n    content\n  }\n": typeof types.PinnedMessageFragmentDoc,
    "\n  query PinnedMessages($id: ID!) {\n    session(id: $id) {\n      id\n      pinnedMessages {\n        ...PinnedMessage\n      }\n    }\n  }\n": typeof types.PinnedMessagesDocument,
    "\n  subscription ReplyEvents($messageId: ID!, $after: Int) {\n    replyEvents(messageId: $messageId, after: $after) {\n      __typename\n      seq\n      ... on ReplyQueued {\n        position\n        etaMs\n      }\n      ... on ReplyPrefill {\n        done\n        total\n      }\n      ... on ReplyText {\n        offset\n        text\n      }\n      ... on ReplyFinished {\n        message {\n          ...ThreadMessage\n        }\n      }\n    }\n  }\n": typeof types.ReplyEventsDocument,
    "\n  query FinishedMessage($id: ID!) {\n    message(id: $id) {\n      ...ThreadMessage\n    }\n  }\n": typeof types.FinishedMessageDocument,
    "\n  query ThreadPage($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $around: ID) {\n    session(id: $id) {\n      id\n      messages(first: $first, after: $after, last: $last, before: $before, around: $around) {\n        edges {\n          cursor\n          node {\n            ...ThreadMessage\n          }\n        }\n        pageInfo {\n          hasNextPage\n          hasPreviousPage\n          startCursor\n          endCursor\n        }\n      }\n    }\n  }\n": typeof types.ThreadPageDocument,
    "\n  fragment ModelParts on Model {\n    name\n    provider\n    isDefault\n    loaded\n    sizeBytes\n    parameters\n    quantization\n    contextLength\n    threads\n    memoryEstimateBytes\n    notice\n    problem\n  }\n": typeof types.ModelPartsFragmentDoc,
    "\n  query Models {\n    models {\n      ...ModelParts\n    }\n  }\n": typeof types.ModelsDocument,
    "\n  mutation SetModel($id: ID!, $model: String) {\n    updateSession(id: $id, input: { model: $model }) {\n      id\n      modelName\n    }\n  }\n": typeof types.SetModelDocument,
    "\n  mutation LoadModel($name: String!) {\n    loadModel(name: $name) {\n      ...ModelParts\n    }\n  }\n": typeof types.LoadModelDocument,
    "\n  mutation UnloadModel($name: String!) {\n    unloadModel(name: $name) {\n      ...ModelParts\n    }\n  }\n": typeof types.UnloadModelDocument,
    "\n  query Catalogue {\n    modelCatalogue {\n      name\n      repository\n      parameters\n      quantization\n      license\n      sizeBytes\n      memoryEstimateBytes\n      fits\n      installed\n    }\n  }\n": typeof types.CatalogueDocument,
    "\n  fragment DownloadParts on Download {\n    id\n    name\n    status\n    receivedBytes\n    totalBytes\n    bytesPerSecond\n    error\n  }\n": typeof types.DownloadPartsFragmentDoc,
    "\n  query Downloads {\n    modelDownloads {\n      ...DownloadParts\n    }\n  }\n": typeof types.DownloadsDocument,
    "\n  mutation PullModel($name: String!) {\n    pullModel(name: $name) {\n      ...DownloadParts\n    }\n  }\n": typeof types.PullModelDocument,
    "\n  mutation CancelDownload($id: ID!) {\n    cancelDownload(id: $id) {\n      ...DownloadParts\n    }\n  }\n": typeof types.CancelDownloadDocument,
    "\n  subscription FollowDownload($id: ID!) {\n    modelDownload(id: $id) {\n      ...DownloadParts\n    }\n  }\n": typeof types.FollowDownloadDocument,
    "\n  query SearchMessages($query: String!, $sessionId: ID) {\n    search(query: $query, sessionId: $sessionId, first: 30) {\n      totalCount\n      edges {\n        snippet\n        node {\n          id\n          role\n          createdAt\n          session {\n            id\n            title\n          }\n        }\n      }\n    }\n  }\n": typeof types.SearchMessagesDocument,
    "\n  fragment SessionRow on Session {\n    id\n    title\n    favorite\n    archived\n    updatedAt\n  }\n": typeof types.SessionRowFragmentDoc,
    "\n  query SessionPage($first: Int!, $after: String, $filter: SessionFilter) {\n    sessions(first: $first, after: $after, filter: $filter) {\n      edges {\n        cursor\n        node {\n          ...SessionRow\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": typeof types.SessionPageDocument,
    "\n  mutation UpdateSession($id: ID!, $input: UpdateSessionInput!) {\n    updateSession(id: $id, input: $input) {\n      ...SessionRow\n    }\n  }\n": typeof types.UpdateSessionDocument,
    "\n  mutation DeleteSession($id: ID!) {\n    deleteSession(id: $id)\n  }\n": typeof types.DeleteSessionDocument,
    "\n  query Instructions($id: ID!) {\n    session(id: $id) {\n      id\n      systemPrompt\n    }\n  }\n": typeof types.InstructionsDocument,
    "\n  mutation SetInstructions($id: ID!, $input: UpdateSessionInput!) {\n    updateSession(id: $id, input: $input) {\n      id\n      systemPrompt\n    }\n  }\n": typeof types.SetInstructionsDocument,
    "\n  fragment TemplateParts on PromptTemplate {\n    id\n    name\n    category\n    description\n    content\n    builtIn\n    variables\n  }\n": typeof types.TemplatePartsFragmentDoc,
    "\n  query Templates {\n    promptTemplates {\n      ...TemplateParts\n    }\n  }\n": typeof types.TemplatesDocument,
    "\n  query FilledTemplates($category: String!, $values: [PromptTemplateValueInput!]) {\n    promptTemplates(category: $category) {\n      id\n      text(values: $values)\n    }\n  }\n": typeof types.FilledTemplatesDocument,
    "\n  mutation CreateTemplate($input: PromptTemplateInput!) {\n    createPromptTemplate(input: $input) {\n      ...TemplateParts\n    }\n  }\n": typeof types.CreateTemplateDocument,
    "\n  mutation UpdateTemplate($id: ID!, $input: PromptTemplateInput!) {\n    updatePromptTemplate(id: $id, input: $input) {\n      ...TemplateParts\n    }\n  }\n": typeof types.UpdateTemplateDocument,
    "\n  mutation DeleteTemplate($id: ID!) {\n    deletePromptTemplate(id: $id)\n  }\n": typeof types.DeleteTemplateDocument,
    "\n  query SessionHead($id: ID!) {\n    session(id: $id) {\n      id\n      title\n      modelName\n      archived\n    }\n  }\n": typeof types.SessionHeadDocument,
    "\n  mutation ArchiveSession($id: ID!, $archived: Boolean!) {\n    updateSession(id: $id, input: { archived: $archived }) {\n      id\n      archived\n    }\n  }\n": typeof types.ArchiveSessionDocument,
    "\n  mutation TakeRole($id: ID!, $systemPrompt: String!) {\n    updateSession(id: $id, input: { systemPrompt: $systemPrompt }) {\n      id\n      systemPrompt\n    }\n  }\n": typeof types.TakeRoleDocument,
};
const documents: Documents = {
    "\n  subscription Changes {\n    changes {\n      __typename\n      ... on SessionChanged {\n        session {\n          ...SessionRow\n        }\n      }\n      ... on SessionDeleted {\n        sessionId\n      }\n      ... on MessageChanged {\n        message {\n          id\n          session {\n            id\n          }\n          ...ThreadMessage\n        }\n      }\n    }\n  }\n": types.ChangesDocument,
    "\n  query Viewer {\n    viewer {\n      id\n      email\n      role\n    }\n  }\n": types.ViewerDocument,
    "\n  subscription LiveFigures($intervalMs: Int!) {\n    telemetry(intervalMs: $intervalMs) {\n      totalRequests\n      errorCount\n      cacheHits\n      cacheMisses\n      cacheHitRate\n      averageLatencyMs\n      p50LatencyMs\n      p95LatencyMs\n      timeToFirstTokenMs\n      tokensPerSecond\n      endedReplies {\n        ...EndedParts\n      }\n      activeReplies\n      queuedReplies\n      activeSessions\n      uptimeSeconds\n      cpuPercent\n      memoryBytes\n      memoryTotalBytes\n      eventLoopDelayMs\n      cacheBackend\n      cacheEntries\n      cacheSizeBytes\n      recent {\n        seconds\n        requests\n        endedReplies {\n          ...EndedParts\n        }\n        cacheHitRate\n        p50LatencyMs\n        p95LatencyMs\n        timeToFirstTokenMs\n        tokensPerSecond\n      }\n    }\n  }\n": types.LiveFiguresDocument,
    "\n  fragment EndedParts on EndedReplies {\n    complete\n    cached\n    stopped\n    failed\n  }\n": types.EndedPartsFragmentDoc,
    "\n  query UsageDays($from: DateTime!) {\n    usage(from: $from, all: true) {\n      date\n      modelName\n      answers\n      cachedAnswers\n      promptTokens\n      completionTokens\n      generationMs\n    }\n  }\n": types.UsageDaysDocument,
    "\n  query ModelStates {\n    models {\n      name\n      provider\n      isDefault\n      loaded\n      memoryEstimateBytes\n      problem\n    }\n  }\n": types.ModelStatesDocument,
    "\n  query CachedAnswers($userId: ID, $sessionId: ID) {\n    cachedAnswers(userId: $userId, sessionId: $sessionId)\n  }\n": types.CachedAnswersDocument,
    "\n  mutation FlushCache($userId: ID, $sessionId: ID) {\n    flushCache(userId: $userId, sessionId: $sessionId)\n  }\n": types.FlushCacheDocument,
    "\n  query RecentSessions {\n    sessions(first: 100) {\n      edges {\n        node {\n          id\n          title\n        }\n      }\n    }\n  }\n": types.RecentSessionsDocument,
    "\n  query PlaceOfMessage($id: ID!) {\n    message(id: $id) {\n      id\n      session {\n        id\n      }\n    }\n  }\n": types.PlaceOfMessageDocument,
    "\n  fragment MessageParts on Message {\n    id\n    role\n    content\n    status\n    errorMessage\n    rating\n    pinned\n    createdAt\n    siblings {\n      id\n    }\n    cacheHit {\n      ...CacheHitParts\n    }\n    receipt {\n      finishReason\n      ...ReceiptParts\n    }\n  }\n": types.MessagePartsFragmentDoc,
    "\n  fragment CacheHitParts on CacheHit {\n    sourceMessageId\n    similarity\n    ageSeconds\n  }\n": types.CacheHitPartsFragmentDoc,
    "\n  fragment ReceiptParts on Receipt {\n    modelName\n    promptTokens\n    reusedTokens\n    completionTokens\n    tokensPerSecond\n    timeToFirstTokenMs\n    finishReason\n    includedCount\n    droppedCount\n  }\n": types.ReceiptPartsFragmentDoc,
    "\n  fragment ThreadMessage on Message {\n    id\n    role\n    status\n    parent {\n      id\n    }\n    receipt {\n      droppedCount\n      firstIncludedMessageId\n    }\n    ...MessageParts\n  }\n": types.ThreadMessageFragmentDoc,
    "\n  mutation SendMessage($input: SendMessageInput!) {\n    sendMessage(input: $input) {\n      message {\n        ...ThreadMessage\n      }\n      reply {\n        ...ThreadMessage\n      }\n    }\n  }\n": types.SendMessageDocument,
    "\n  mutation CreateSession($input: CreateSessionInput) {\n    createSession(input: $input) {\n      id\n      ...SessionRow\n    }\n  }\n": types.CreateSessionDocument,
    "\n  mutation DiscardSession($id: ID!) {\n    deleteSession(id: $id)\n  }\n": types.DiscardSessionDocument,
    "\n  mutation StopReply($id: ID!) {\n    stopReply(id: $id) {\n      ...MessageParts\n    }\n  }\n": types.StopReplyDocument,
    "\n  mutation ResumeReply($id: ID!) {\n    resumeReply(id: $id) {\n      ...MessageParts\n    }\n  }\n": types.ResumeReplyDocument,
    "\n  mutation RegenerateReply($id: ID!) {\n    regenerateReply(id: $id) {\n      id\n      session {\n        id\n      }\n      ...ThreadMessage\n    }\n  }\n": types.RegenerateReplyDocument,
    "\n  mutation EditMessage($id: ID!, $content: String!) {\n    editMessage(id: $id, content: $content) {\n      message {\n        id\n        session {\n          id\n        }\n        ...ThreadMessage\n      }\n      reply {\n        ...ThreadMessage\n      }\n    }\n  }\n": types.EditMessageDocument,
    "\n  mutation SelectBranch($messageId: ID!) {\n    selectBranch(messageId: $messageId) {\n      id\n    }\n  }\n": types.SelectBranchDocument,
    "\n  mutation RateMessage($id: ID!, $rating: Rating) {\n    rateMessage(id: $id, rating: $rating) {\n      id\n      rating\n    }\n  }\n": types.RateMessageDocument,
    "\n  mutation PinMessage($id: ID!, $pinned: Boolean!) {\n    pinMessage(id: $id, pinned: $pinned) {\n      id\n      pinned\n      session {\n        id\n        pinnedMessages {\n          ...PinnedMessage\n        }\n      }\n    }\n  }\n": types.PinMessageDocument,
    "\n  fragment PinnedMessage on Message {\n    id\n    role\n    content\n  }\n": types.PinnedMessageFragmentDoc,
    "\n  query PinnedMessages($id: ID!) {\n    session(id: $id) {\n      id\n      pinnedMessages {\n        ...PinnedMessage\n      }\n    }\n  }\n": types.PinnedMessagesDocument,
    "\n  subscription ReplyEvents($messageId: ID!, $after: Int) {\n    replyEvents(messageId: $messageId, after: $after) {\n      __typename\n      seq\n      ... on ReplyQueued {\n        position\n        etaMs\n      }\n      ... on ReplyPrefill {\n        done\n        total\n      }\n      ... on ReplyText {\n        offset\n        text\n      }\n      ... on ReplyFinished {\n        message {\n          ...ThreadMessage\n        }\n      }\n    }\n  }\n": types.ReplyEventsDocument,
    "\n  query FinishedMessage($id: ID!) {\n    message(id: $id) {\n      ...ThreadMessage\n    }\n  }\n": types.FinishedMessageDocument,
    "\n  query ThreadPage($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $around: ID) {\n    session(id: $id) {\n      id\n      messages(first: $first, after: $after, last: $last, before: $before, around: $around) {\n        edges {\n          cursor\n          node {\n            ...ThreadMessage\n          }\n        }\n        pageInfo {\n          hasNextPage\n          hasPreviousPage\n          startCursor\n          endCursor\n        }\n      }\n    }\n  }\n": types.ThreadPageDocument,
    "\n  fragment ModelParts on Model {\n    name\n    provider\n    isDefault\n    loaded\n    sizeBytes\n    parameters\n    quantization\n    contextLength\n    threads\n    memoryEstimateBytes\n    notice\n    problem\n  }\n": types.ModelPartsFragmentDoc,
    "\n  query Models {\n    models {\n      ...ModelParts\n    }\n  }\n": types.ModelsDocument,
    "\n  mutation SetModel($id: ID!, $model: String) {\n    updateSession(id: $id, input: { model: $model }) {\n      id\n      modelName\n    }\n  }\n": types.SetModelDocument,
    "\n  mutation LoadModel($name: String!) {\n    loadModel(name: $name) {\n      ...ModelParts\n    }\n  }\n": types.LoadModelDocument,
    "\n  mutation UnloadModel($name: String!) {\n    unloadModel(name: $name) {\n      ...ModelParts\n    }\n  }\n": types.UnloadModelDocument,
    "\n  query Catalogue {\n    modelCatalogue {\n      name\n      repository\n      parameters\n      quantization\n      license\n      sizeBytes\n      memoryEstimateBytes\n      fits\n      installed\n    }\n  }\n": types.CatalogueDocument,
    "\n  fragment DownloadParts on Download {\n    id\n    name\n    status\n    receivedBytes\n    totalBytes\n    bytesPerSecond\n    error\n  }\n": types.DownloadPartsFragmentDoc,
    "\n  query Downloads {\n    modelDownloads {\n      ...DownloadParts\n    }\n  }\n": types.DownloadsDocument,
    "\n  mutation PullModel($name: String!) {\n    pullModel(name: $name) {\n      ...DownloadParts\n    }\n  }\n": types.PullModelDocument,
    "\n  mutation CancelDownload($id: ID!) {\n    cancelDownload(id: $id) {\n      ...DownloadParts\n    }\n  }\n": types.CancelDownloadDocument,
    "\n  subscription FollowDownload($id: ID!) {\n    modelDownload(id: $id) {\n      ...DownloadParts\n    }\n  }\n": types.FollowDownloadDocument,
    "\n  query SearchMessages($query: String!, $sessionId: ID) {\n    search(query: $query, sessionId: $sessionId, first: 30) {\n      totalCount\n      edges {\n        snippet\n        node {\n          id\n          role\n          createdAt\n          session {\n            id\n            title\n          }\n        }\n      }\n    }\n  }\n": types.SearchMessagesDocument,
    "\n  fragment SessionRow on Session {\n    id\n    title\n    favorite\n    archived\n    updatedAt\n  }\n": types.SessionRowFragmentDoc,
    "\n  query SessionPage($first: Int!, $after: String, $filter: SessionFilter) {\n    sessions(first: $first, after: $after, filter: $filter) {\n      edges {\n        cursor\n        node {\n          ...SessionRow\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": types.SessionPageDocument,
    "\n  mutation UpdateSession($id: ID!, $input: UpdateSessionInput!) {\n    updateSession(id: $id, input: $input) {\n      ...SessionRow\n    }\n  }\n": types.UpdateSessionDocument,
    "\n  mutation DeleteSession($id: ID!) {\n    deleteSession(id: $id)\n  }\n": types.DeleteSessionDocument,
    "\n  query Instructions($id: ID!) {\n    session(id: $id) {\n      id\n      systemPrompt\n    }\n  }\n": types.InstructionsDocument,
    "\n  mutation SetInstructions($id: ID!, $input: UpdateSessionInput!) {\n    updateSession(id: $id, input: $input) {\n      id\n      systemPrompt\n    }\n  }\n": types.SetInstructionsDocument,
    "\n  fragment TemplateParts on PromptTemplate {\n    id\n    name\n    category\n    description\n    content\n    builtIn\n    variables\n  }\n": types.TemplatePartsFragmentDoc,
    "\n  query Templates {\n    promptTemplates {\n      ...TemplateParts\n    }\n  }\n": types.TemplatesDocument,
    "\n  query FilledTemplates($category: String!, $values: [PromptTemplateValueInput!]) {\n    promptTemplates(category: $category) {\n      id\n      text(values: $values)\n    }\n  }\n": types.FilledTemplatesDocument,
    "\n  mutation CreateTemplate($input: PromptTemplateInput!) {\n    createPromptTemplate(input: $input) {\n      ...TemplateParts\n    }\n  }\n": types.CreateTemplateDocument,
    "\n  mutation UpdateTemplate($id: ID!, $input: PromptTemplateInput!) {\n    updatePromptTemplate(id: $id, input: $input) {\n      ...TemplateParts\n    }\n  }\n": types.UpdateTemplateDocument,
    "\n  mutation DeleteTemplate($id: ID!) {\n    deletePromptTemplate(id: $id)\n  }\n": types.DeleteTemplateDocument,
    "\n  query SessionHead($id: ID!) {\n    session(id: $id) {\n      id\n      title\n      modelName\n      archived\n    }\n  }\n": types.SessionHeadDocument,
    "\n  mutation ArchiveSession($id: ID!, $archived: Boolean!) {\n    updateSession(id: $id, input: { archived: $archived }) {\n      id\n      archived\n    }\n  }\n": types.ArchiveSessionDocument,
    "\n  mutation TakeRole($id: ID!, $systemPrompt: String!) {\n    updateSession(id: $id, input: { systemPrompt: $systemPrompt }) {\n      id\n      systemPrompt\n    }\n  }\n": types.TakeRoleDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription Changes {\n    changes {\n      __typename\n      ... on SessionChanged {\n        session {\n          ...SessionRow\n        }\n      }\n      ... on SessionDeleted {\n        sessionId\n      }\n      ... on MessageChanged {\n        message {\n          id\n          session {\n            id\n          }\n          ...ThreadMessage\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription Changes {\n    changes {\n      __typename\n      ... on SessionChanged {\n        session {\n          ...SessionRow\n        }\n      }\n      ... on SessionDeleted {\n        sessionId\n      }\n      ... on MessageChanged {\n        message {\n          id\n          session {\n            id\n          }\n          ...ThreadMessage\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Viewer {\n    viewer {\n      id\n      email\n      role\n    }\n  }\n"): (typeof documents)["\n  query Viewer {\n    viewer {\n      id\n      email\n      role\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription LiveFigures($intervalMs: Int!) {\n    telemetry(intervalMs: $intervalMs) {\n      totalRequests\n      errorCount\n      cacheHits\n      cacheMisses\n      cacheHitRate\n      averageLatencyMs\n      p50LatencyMs\n      p95LatencyMs\n      timeToFirstTokenMs\n      tokensPerSecond\n      endedReplies {\n        ...EndedParts\n      }\n      activeReplies\n      queuedReplies\n      activeSessions\n      uptimeSeconds\n      cpuPercent\n      memoryBytes\n      memoryTotalBytes\n      eventLoopDelayMs\n      cacheBackend\n      cacheEntries\n      cacheSizeBytes\n      recent {\n        seconds\n        requests\n        endedReplies {\n          ...EndedParts\n        }\n        cacheHitRate\n        p50LatencyMs\n        p95LatencyMs\n        timeToFirstTokenMs\n        tokensPerSecond\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription LiveFigures($intervalMs: Int!) {\n    telemetry(intervalMs: $intervalMs) {\n      totalRequests\n      errorCount\n      cacheHits\n      cacheMisses\n      cacheHitRate\n      averageLatencyMs\n      p50LatencyMs\n      p95LatencyMs\n      timeToFirstTokenMs\n      tokensPerSecond\n      endedReplies {\n        ...EndedParts\n      }\n      activeReplies\n      queuedReplies\n      activeSessions\n      uptimeSeconds\n      cpuPercent\n      memoryBytes\n      memoryTotalBytes\n      eventLoopDelayMs\n      cacheBackend\n      cacheEntries\n      cacheSizeBytes\n      recent {\n        seconds\n        requests\n        endedReplies {\n          ...EndedParts\n        }\n        cacheHitRate\n        p50LatencyMs\n        p95LatencyMs\n        timeToFirstTokenMs\n        tokensPerSecond\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment EndedParts on EndedReplies {\n    complete\n    cached\n    stopped\n    failed\n  }\n"): (typeof documents)["\n  fragment EndedParts on EndedReplies {\n    complete\n    cached\n    stopped\n    failed\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query UsageDays($from: DateTime!) {\n    usage(from: $from, all: true) {\n      date\n      modelName\n      answers\n      cachedAnswers\n      promptTokens\n      completionTokens\n      generationMs\n    }\n  }\n"): (typeof documents)["\n  query UsageDays($from: DateTime!) {\n    usage(from: $from, all: true) {\n      date\n      modelName\n      answers\n      cachedAnswers\n      promptTokens\n      completionTokens\n      generationMs\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ModelStates {\n    models {\n      name\n      provider\n      isDefault\n      loaded\n      memoryEstimateBytes\n      problem\n    }\n  }\n"): (typeof documents)["\n  query ModelStates {\n    models {\n      name\n      provider\n      isDefault\n      loaded\n      memoryEstimateBytes\n      problem\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query CachedAnswers($userId: ID, $sessionId: ID) {\n    cachedAnswers(userId: $userId, sessionId: $sessionId)\n  }\n"): (typeof documents)["\n  query CachedAnswers($userId: ID, $sessionId: ID) {\n    cachedAnswers(userId: $userId, sessionId: $sessionId)\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation FlushCache($userId: ID, $sessionId: ID) {\n    flushCache(userId: $userId, sessionId: $sessionId)\n  }\n"): (typeof documents)["\n  mutation FlushCache($userId: ID, $sessionId: ID) {\n    flushCache(userId: $userId, sessionId: $sessionId)\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query RecentSessions {\n    sessions(first: 100) {\n      edges {\n        node {\n          id\n          title\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query RecentSessions {\n    sessions(first: 100) {\n      edges {\n        node {\n          id\n          title\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query PlaceOfMessage($id: ID!) {\n    message(id: $id) {\n      id\n      session {\n        id\n      }\n    }\n  }\n"): (typeof documents)["\n  query PlaceOfMessage($id: ID!) {\n    message(id: $id) {\n      id\n      session {\n        id\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment MessageParts on Message {\n    id\n    role\n    content\n    status\n    errorMessage\n    rating\n    pinned\n    createdAt\n    siblings {\n      id\n    }\n    cacheHit {\n      ...CacheHitParts\n    }\n    receipt {\n      finishReason\n      ...ReceiptParts\n    }\n  }\n"): (typeof documents)["\n  fragment MessageParts on Message {\n    id\n    role\n    content\n    status\n    errorMessage\n    rating\n    pinned\n    createdAt\n    siblings {\n      id\n    }\n    cacheHit {\n      ...CacheHitParts\n    }\n    receipt {\n      finishReason\n      ...ReceiptParts\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment CacheHitParts on CacheHit {\n    sourceMessageId\n    similarity\n    ageSeconds\n  }\n"): (typeof documents)["\n  fragment CacheHitParts on CacheHit {\n    sourceMessageId\n    similarity\n    ageSeconds\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment ReceiptParts on Receipt {\n    modelName\n    promptTokens\n    reusedTokens\n    completionTokens\n    tokensPerSecond\n    timeToFirstTokenMs\n    finishReason\n    includedCount\n    droppedCount\n  }\n"): (typeof documents)["\n  fragment ReceiptParts on Receipt {\n    modelName\n    promptTokens\n    reusedTokens\n    completionTokens\n    tokensPerSecond\n    timeToFirstTokenMs\n    finishReason\n    includedCount\n    droppedCount\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment ThreadMessage on Message {\n    id\n    role\n    status\n    parent {\n      id\n    }\n    receipt {\n      droppedCount\n      firstIncludedMessageId\n    }\n    ...MessageParts\n  }\n"): (typeof documents)["\n  fragment ThreadMessage on Message {\n    id\n    role\n    status\n    parent {\n      id\n    }\n    receipt {\n      droppedCount\n      firstIncludedMessageId\n    }\n    ...MessageParts\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SendMessage($input: SendMessageInput!) {\n    sendMessage(input: $input) {\n      message {\n        ...ThreadMessage\n      }\n      reply {\n        ...ThreadMessage\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation SendMessage($input: SendMessageInput!) {\n    sendMessage(input: $input) {\n      message {\n        ...ThreadMessage\n      }\n      reply {\n        ...ThreadMessage\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateSession($input: CreateSessionInput) {\n    createSession(input: $input) {\n      id\n      ...SessionRow\n    }\n  }\n"): (typeof documents)["\n  mutation CreateSession($input: CreateSessionInput) {\n    createSession(input: $input) {\n      id\n      ...SessionRow\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation DiscardSession($id: ID!) {\n    deleteSession(id: $id)\n  }\n"): (typeof documents)["\n  mutation DiscardSession($id: ID!) {\n    deleteSession(id: $id)\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation StopReply($id: ID!) {\n    stopReply(id: $id) {\n      ...MessageParts\n    }\n  }\n"): (typeof documents)["\n  mutation StopReply($id: ID!) {\n    stopReply(id: $id) {\n      ...MessageParts\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ResumeReply($id: ID!) {\n    resumeReply(id: $id) {\n      ...MessageParts\n    }\n  }\n"): (typeof documents)["\n  mutation ResumeReply($id: ID!) {\n    resumeReply(id: $id) {\n      ...MessageParts\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RegenerateReply($id: ID!) {\n    regenerateReply(id: $id) {\n      id\n      session {\n        id\n      }\n      ...ThreadMessage\n    }\n  }\n"): (typeof documents)["\n  mutation RegenerateReply($id: ID!) {\n    regenerateReply(id: $id) {\n      id\n      session {\n        id\n      }\n      ...ThreadMessage\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation EditMessage($id: ID!, $content: String!) {\n    editMessage(id: $id, content: $content) {\n      message {\n        id\n        session {\n          id\n        }\n        ...ThreadMessage\n      }\n      reply {\n        ...ThreadMessage\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation EditMessage($id: ID!, $content: String!) {\n    editMessage(id: $id, content: $content) {\n      message {\n        id\n        session {\n          id\n        }\n        ...ThreadMessage\n      }\n      reply {\n        ...ThreadMessage\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SelectBranch($messageId: ID!) {\n    selectBranch(messageId: $messageId) {\n      id\n    }\n  }\n"): (typeof documents)["\n  mutation SelectBranch($messageId: ID!) {\n    selectBranch(messageId: $messageId) {\n      id\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RateMessage($id: ID!, $rating: Rating) {\n    rateMessage(id: $id, rating: $rating) {\n      id\n      rating\n    }\n  }\n"): (typeof documents)["\n  mutation RateMessage($id: ID!, $rating: Rating) {\n    rateMessage(id: $id, rating: $rating) {\n      id\n      rating\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation PinMessage($id: ID!, $pinned: Boolean!) {\n    pinMessage(id: $id, pinned: $pinned) {\n      id\n      pinned\n      session {\n        id\n        pinnedMessages {\n          ...PinnedMessage\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation PinMessage($id: ID!, $pinned: Boolean!) {\n    pinMessage(id: $id, pinned: $pinned) {\n      id\n      pinned\n      session {\n        id\n        pinnedMessages {\n          ...PinnedMessage\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment PinnedMessage on Message {\n    id\n    role\n    content\n  }\n"): (typeof documents)["\n  fragment PinnedMessage on Message {\n    id\n    role\n    content\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query PinnedMessages($id: ID!) {\n    session(id: $id) {\n      id\n      pinnedMessages {\n        ...PinnedMessage\n      }\n    }\n  }\n"): (typeof documents)["\n  query PinnedMessages($id: ID!) {\n    session(id: $id) {\n      id\n      pinnedMessages {\n        ...PinnedMessage\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription ReplyEvents($messageId: ID!, $after: Int) {\n    replyEvents(messageId: $messageId, after: $after) {\n      __typename\n      seq\n      ... on ReplyQueued {\n        position\n        etaMs\n      }\n      ... on ReplyPrefill {\n        done\n        total\n      }\n      ... on ReplyText {\n        offset\n        text\n      }\n      ... on ReplyFinished {\n        message {\n          ...ThreadMessage\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription ReplyEvents($messageId: ID!, $after: Int) {\n    replyEvents(messageId: $messageId, after: $after) {\n      __typename\n      seq\n      ... on ReplyQueued {\n        position\n        etaMs\n      }\n      ... on ReplyPrefill {\n        done\n        total\n      }\n      ... on ReplyText {\n        offset\n        text\n      }\n      ... on ReplyFinished {\n        message {\n          ...ThreadMessage\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query FinishedMessage($id: ID!) {\n    message(id: $id) {\n      ...ThreadMessage\n    }\n  }\n"): (typeof documents)["\n  query FinishedMessage($id: ID!) {\n    message(id: $id) {\n      ...ThreadMessage\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ThreadPage($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $around: ID) {\n    session(id: $id) {\n      id\n      messages(first: $first, after: $after, last: $last, before: $before, around: $around) {\n        edges {\n          cursor\n          node {\n            ...ThreadMessage\n          }\n        }\n        pageInfo {\n          hasNextPage\n          hasPreviousPage\n          startCursor\n          endCursor\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query ThreadPage($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $around: ID) {\n    session(id: $id) {\n      id\n      messages(first: $first, after: $after, last: $last, before: $before, around: $around) {\n        edges {\n          cursor\n          node {\n            ...ThreadMessage\n          }\n        }\n        pageInfo {\n          hasNextPage\n          hasPreviousPage\n          startCursor\n          endCursor\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment ModelParts on Model {\n    name\n    provider\n    isDefault\n    loaded\n    sizeBytes\n    parameters\n    quantization\n    contextLength\n    threads\n    memoryEstimateBytes\n    notice\n    problem\n  }\n"): (typeof documents)["\n  fragment ModelParts on Model {\n    name\n    provider\n    isDefault\n    loaded\n    sizeBytes\n    parameters\n    quantization\n    contextLength\n    threads\n    memoryEstimateBytes\n    notice\n    problem\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Models {\n    models {\n      ...ModelParts\n    }\n  }\n"): (typeof documents)["\n  query Models {\n    models {\n      ...ModelParts\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SetModel($id: ID!, $model: String) {\n    updateSession(id: $id, input: { model: $model }) {\n      id\n      modelName\n    }\n  }\n"): (typeof documents)["\n  mutation SetModel($id: ID!, $model: String) {\n    updateSession(id: $id, input: { model: $model }) {\n      id\n      modelName\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation LoadModel($name: String!) {\n    loadModel(name: $name) {\n      ...ModelParts\n    }\n  }\n"): (typeof documents)["\n  mutation LoadModel($name: String!) {\n    loadModel(name: $name) {\n      ...ModelParts\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UnloadModel($name: String!) {\n    unloadModel(name: $name) {\n      ...ModelParts\n    }\n  }\n"): (typeof documents)["\n  mutation UnloadModel($name: String!) {\n    unloadModel(name: $name) {\n      ...ModelParts\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Catalogue {\n    modelCatalogue {\n      name\n      repository\n      parameters\n      quantization\n      license\n      sizeBytes\n      memoryEstimateBytes\n      fits\n      installed\n    }\n  }\n"): (typeof documents)["\n  query Catalogue {\n    modelCatalogue {\n      name\n      repository\n      parameters\n      quantization\n      license\n      sizeBytes\n      memoryEstimateBytes\n      fits\n      installed\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment DownloadParts on Download {\n    id\n    name\n    status\n    receivedBytes\n    totalBytes\n    bytesPerSecond\n    error\n  }\n"): (typeof documents)["\n  fragment DownloadParts on Download {\n    id\n    name\n    status\n    receivedBytes\n    totalBytes\n    bytesPerSecond\n    error\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Downloads {\n    modelDownloads {\n      ...DownloadParts\n    }\n  }\n"): (typeof documents)["\n  query Downloads {\n    modelDownloads {\n      ...DownloadParts\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation PullModel($name: String!) {\n    pullModel(name: $name) {\n      ...DownloadParts\n    }\n  }\n"): (typeof documents)["\n  mutation PullModel($name: String!) {\n    pullModel(name: $name) {\n      ...DownloadParts\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CancelDownload($id: ID!) {\n    cancelDownload(id: $id) {\n      ...DownloadParts\n    }\n  }\n"): (typeof documents)["\n  mutation CancelDownload($id: ID!) {\n    cancelDownload(id: $id) {\n      ...DownloadParts\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription FollowDownload($id: ID!) {\n    modelDownload(id: $id) {\n      ...DownloadParts\n    }\n  }\n"): (typeof documents)["\n  subscription FollowDownload($id: ID!) {\n    modelDownload(id: $id) {\n      ...DownloadParts\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query SearchMessages($query: String!, $sessionId: ID) {\n    search(query: $query, sessionId: $sessionId, first: 30) {\n      totalCount\n      edges {\n        snippet\n        node {\n          id\n          role\n          createdAt\n          session {\n            id\n            title\n          }\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query SearchMessages($query: String!, $sessionId: ID) {\n    search(query: $query, sessionId: $sessionId, first: 30) {\n      totalCount\n      edges {\n        snippet\n        node {\n          id\n          role\n          createdAt\n          session {\n            id\n            title\n          }\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment SessionRow on Session {\n    id\n    title\n    favorite\n    archived\n    updatedAt\n  }\n"): (typeof documents)["\n  fragment SessionRow on Session {\n    id\n    title\n    favorite\n    archived\n    updatedAt\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query SessionPage($first: Int!, $after: String, $filter: SessionFilter) {\n    sessions(first: $first, after: $after, filter: $filter) {\n      edges {\n        cursor\n        node {\n          ...SessionRow\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"): (typeof documents)["\n  query SessionPage($first: Int!, $after: String, $filter: SessionFilter) {\n    sessions(first: $first, after: $after, filter: $filter) {\n      edges {\n        cursor\n        node {\n          ...SessionRow\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UpdateSession($id: ID!, $input: UpdateSessionInput!) {\n    updateSession(id: $id, input: $input) {\n      ...SessionRow\n    }\n  }\n"): (typeof documents)["\n  mutation UpdateSession($id: ID!, $input: UpdateSessionInput!) {\n    updateSession(id: $id, input: $input) {\n      ...SessionRow\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation DeleteSession($id: ID!) {\n    deleteSession(id: $id)\n  }\n"): (typeof documents)["\n  mutation DeleteSession($id: ID!) {\n    deleteSession(id: $id)\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Instructions($id: ID!) {\n    session(id: $id) {\n      id\n      systemPrompt\n    }\n  }\n"): (typeof documents)["\n  query Instructions($id: ID!) {\n    session(id: $id) {\n      id\n      systemPrompt\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SetInstructions($id: ID!, $input: UpdateSessionInput!) {\n    updateSession(id: $id, input: $input) {\n      id\n      systemPrompt\n    }\n  }\n"): (typeof documents)["\n  mutation SetInstructions($id: ID!, $input: UpdateSessionInput!) {\n    updateSession(id: $id, input: $input) {\n      id\n      systemPrompt\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment TemplateParts on PromptTemplate {\n    id\n    name\n    category\n    description\n    content\n    builtIn\n    variables\n  }\n"): (typeof documents)["\n  fragment TemplateParts on PromptTemplate {\n    id\n    name\n    category\n    description\n    content\n    builtIn\n    variables\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Templates {\n    promptTemplates {\n      ...TemplateParts\n    }\n  }\n"): (typeof documents)["\n  query Templates {\n    promptTemplates {\n      ...TemplateParts\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query FilledTemplates($category: String!, $values: [PromptTemplateValueInput!]) {\n    promptTemplates(category: $category) {\n      id\n      text(values: $values)\n    }\n  }\n"): (typeof documents)["\n  query FilledTemplates($category: String!, $values: [PromptTemplateValueInput!]) {\n    promptTemplates(category: $category) {\n      id\n      text(values: $values)\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateTemplate($input: PromptTemplateInput!) {\n    createPromptTemplate(input: $input) {\n      ...TemplateParts\n    }\n  }\n"): (typeof documents)["\n  mutation CreateTemplate($input: PromptTemplateInput!) {\n    createPromptTemplate(input: $input) {\n      ...TemplateParts\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UpdateTemplate($id: ID!, $input: PromptTemplateInput!) {\n    updatePromptTemplate(id: $id, input: $input) {\n      ...TemplateParts\n    }\n  }\n"): (typeof documents)["\n  mutation UpdateTemplate($id: ID!, $input: PromptTemplateInput!) {\n    updatePromptTemplate(id: $id, input: $input) {\n      ...TemplateParts\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation DeleteTemplate($id: ID!) {\n    deletePromptTemplate(id: $id)\n  }\n"): (typeof documents)["\n  mutation DeleteTemplate($id: ID!) {\n    deletePromptTemplate(id: $id)\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query SessionHead($id: ID!) {\n    session(id: $id) {\n      id\n      title\n      modelName\n      archived\n    }\n  }\n"): (typeof documents)["\n  query SessionHead($id: ID!) {\n    session(id: $id) {\n      id\n      title\n      modelName\n      archived\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ArchiveSession($id: ID!, $archived: Boolean!) {\n    updateSession(id: $id, input: { archived: $archived }) {\n      id\n      archived\n    }\n  }\n"): (typeof documents)["\n  mutation ArchiveSession($id: ID!, $archived: Boolean!) {\n    updateSession(id: $id, input: { archived: $archived }) {\n      id\n      archived\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation TakeRole($id: ID!, $systemPrompt: String!) {\n    updateSession(id: $id, input: { systemPrompt: $systemPrompt }) {\n      id\n      systemPrompt\n    }\n  }\n"): (typeof documents)["\n  mutation TakeRole($id: ID!, $systemPrompt: String!) {\n    updateSession(id: $id, input: { systemPrompt: $systemPrompt }) {\n      id\n      systemPrompt\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;
import { graphql } from '../../gql/index.ts';

export const LiveFigures = graphql(`
  subscription LiveFigures($intervalMs: Int!) {
    telemetry(intervalMs: $intervalMs) {
      totalRequests
      errorCount
      cacheHits
      cacheMisses
      cacheHitRate
      averageLatencyMs
      p50LatencyMs
      p95LatencyMs
      timeToFirstTokenMs
      tokensPerSecond
      endedReplies {
        ...EndedParts
      }
      activeReplies
      queuedReplies
      activeSessions
      uptimeSeconds
      cpuPercent
      memoryBytes
      memoryTotalBytes
      eventLoopDelayMs
      cacheBackend
      cacheEntries
      cacheSizeBytes
      recent {
        seconds
        requests
        endedReplies {
          ...EndedParts
        }
        cacheHitRate
        p50LatencyMs
        p95LatencyMs
        timeToFirstTokenMs
        tokensPerSecond
      }
    }
  }
`);

export const EndedParts = graphql(`
  fragment EndedParts on EndedReplies {
    complete
    cached
    stopped
    failed
  }
`);

export const UsageDays = graphql(`
  query UsageDays($from: DateTime!) {
    usage(from: $from, all: true) {
      date
      modelName
      answers
      cachedAnswers
      promptTokens
      completionTokens
      generationMs
    }
  }
`);

export const ModelStates = graphql(`
  query ModelStates {
    models {
      name
      provider
      isDefault
      loaded
      memoryEstimateBytes
      problem
    }
  }
`);

export const CachedAnswers = graphql(`
  query CachedAnswers($userId: ID, $sessionId: ID) {
    cachedAnswers(userId: $userId, sessionId: $sessionId)
  }
`);

export const FlushCache = graphql(`
  mutation FlushCache($userId: ID, $sessionId: ID) {
    flushCache(userId: $userId, sessionId: $sessionId)
  }
`);

export const RecentSessions = graphql(`
  query RecentSessions {
    sessions(first: 100) {
      edges {
        node {
          id
          title
        }
      }
    }
  }
`);

import { setMaxListeners } from 'node:events';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { v4 as uuid } from 'uuid';
import type { Rules } from '../schema/context.ts';
import { schema } from '../schema/index.ts';
import { authenticate } from './accounts/viewer.ts';
import { createAnswerCache } from './cache/answer-cache.ts';
import { createBranches } from './chat/branches.ts';
import { createChanges } from './chat/changes.ts';
import { createCompletions } from './chat/completions.ts';
import { createConversations } from './chat/conversations.ts';
import { createEmbeddings } from './chat/embeddings.ts';
import { createExports } from './chat/export.ts';
import { createImports } from './chat/import/imports.ts';
import { createMessageRoom } from './chat/message-room.ts';
import { createMessages } from './chat/messages.ts';
import { createModelDownloads } from './chat/model-downloads.ts';
import { createModels } from './chat/models.ts';
import { createPromptTemplates } from './chat/prompt-templates.ts';
import { createReplies } from './chat/replies.ts';
import { createReplyCache } from './chat/reply-cache.ts';
import { createReplyClaims } from './chat/reply-claims.ts';
import { createReplyOwners } from './chat/reply-owners.ts';
import { createReplyPace } from './chat/reply-pace.ts';
import { createReplyQueue } from './chat/reply-queue.ts';
import { createReplyRunner, type ReplyRunner } from './chat/reply-runner.ts';
import { createReplyStart } from './chat/reply-start.ts';
import { createReplyStops } from './chat/reply-stops.ts';
import { createReplyStream } from './chat/reply-stream.ts';
import { createSearch } from './chat/search.ts';
import { createSessions } from './chat/sessions.ts';
import { createStoredMessages } from './chat/stored-messages.ts';
import { createTurns } from './chat/turns.ts';
import type { Config } from './config.ts';
import { PortalError } from './errors.ts';
import { type Caller, createGraph, registerGraphQL } from './http/graphql.ts';
import { createGuard } from './http/guard.ts';
import { registerHealth } from './http/health.ts';
import { createOpenStreams } from './http/open-streams.ts';
import { registerPrometheus } from './http/prometheus.ts';
import { createRequestLog } from './http/request-log.ts';
import { createHttpServer } from './http/server.ts';
import { registerWebApp } from './http/web-app.ts';
import { pingWebSocket, serveWebSockets } from './http/websocket.ts';
import { createCatalog } from './inference/catalog.ts';
import { createCompositeEngine } from './inference/composite-engine.ts';
import { createHubDownloads } from './inference/downloads/hub-downloads.ts';
import type { Engine } from './inference/engine.ts';
import { createLlamaEngine } from './inference/llama/llama-engine.ts';
import { memoryForOneModel } from './inference/memory.ts';
import { createOpenAiEngine } from './inference/openai/openai-engine.ts';
import { createRemoteCatalog } from './inference/openai/remote-catalog.ts';
import { createRemoteServer } from './inference/openai/remote-server.ts';
import { createLogger, type Logger } from './logger.ts';
import { noteOnRequest } from './request-scope.ts';
import { registerRest } from './rest/rest.ts';
import { createDatabaseServer, type Database } from './stores/database.ts';
import { createLiveStores } from './stores/live-stores.ts';
import { createDependencies } from './telemetry/dependencies.ts';
import { createMetrics } from './telemetry/metrics.ts';
import { createTelemetry } from './telemetry/telemetry.ts';
import { createUsage } from './telemetry/usage.ts';

export interface App {
  /** Where it listens; known once `start` has resolved. */
  readonly url: string;
  /** Resolves once it listens. The database is opened behind it: until then all but `/health` is 503. */
  start(): Promise<void>;
  /** Resolves once the database is open; rejects where it can never be. */
  whenReady(): Promise<void>;
  /** Ends what runs within seconds, saved; leaves nothing behind. A second call waits for the first. */
  stop(): Promise<void>;
}

/** Machines that a test brings in place of the configured ones. */
export interface Overrides {
  engine?: Engine;
  logger?: Logger;
}

const webAppDir = path.join(import.meta.dirname, '../dist/web');
const graceMs = 5_000;
/** How long answers that are on their way may take once nothing more runs. */
const lastWordsMs = 1_000;

/** The whole portal as a value: the one place that picks implementations. */
export async function buildApp(config: Config, overrides: Overrides = {}): Promise<App> {
  const logger = overrides.logger ?? createLogger(config.log);
  const localEngine =
    overrides.engine ??
    createLlamaEngine({ config: config.models, sharedSystemPrompt: config.replies.systemPrompt, logger });
  const standIn = config.servers.length === 0;
  const folder = createCatalog({ config: config.models, dataDir: config.dataDir, logger, standIn });
  const servers = config.servers.map((server) => createRemoteServer(server, config.serverTimeouts, logger));
  const { sequences } = config.models;
  const remoteEngine = createOpenAiEngine({ servers, sequences, timeouts: config.serverTimeouts });
  const [engine, catalog] =
    servers.length === 0
      ? [localEngine, folder]
      : [
          createCompositeEngine({ local: localEngine, remote: remoteEngine }),
          createRemoteCatalog({ local: folder, servers, config: config.models }),
        ];
  const databaseServer = createDatabaseServer({ url: config.database.url, dataDir: config.dataDir, logger });
  const liveStores = createLiveStores({
    url: config.redis.url,
    maxAnswerBytes: config.cache.maxBytes,
    logger,
  });
  const { tokenLog, wakeUp } = liveStores;
  const stopping = new AbortController();
  /** Aborts when what runs has ended or is saved: readers are told to come back. */
  const leaving = new AbortController();
  setMaxListeners(0, leaving.signal);
  const metrics = createMetrics({ counters: liveStores.counters });
  const models = createModels({ catalog, engine });
  const downloads = createHubDownloads({
    config: config.downloads,
    models: config.models,
    dataDir: config.dataDir,
    logger,
  });
  const modelDownloads = createModelDownloads({ downloads, catalog, memoryBytes: memoryForOneModel() });

  let port = config.listen.port;
  let portal: { db: Database; rules: Rules; runner: ReplyRunner } | null = null;

  const guard = createGuard({ ...config.http, port: () => port });
  const requestLog = createRequestLog(logger);
  const app = await createHttpServer({
    logger,
    guard,
    trustProxy: config.http.trustProxy,
    requestLog,
    served: metrics.requestServed,
  });
  const graph = createGraph({ schema, production: config.production, graphiql: config.http.graphiql, logger });
  const dependencies = createDependencies({
    engine,
    models,
    servers: servers.map(({ config: { name }, problem }) => ({ name, problem })),
    pingDatabase: () => databaseServer.ping(),
    pingRedis: liveStores.ping,
    pingWebSocket: () =>
      pingWebSocket(`ws://${loopbackOf(config.listen.host)}:${port}/graphql`, config.http.allowedHosts?.[0]),
  });

  async function caller(): Promise<Caller> {
    if (portal === null) {
      throw new PortalError('dependency_unavailable', 'The portal is starting; try again in a moment.', {
        retryAfterSeconds: 1,
      });
    }
    const viewer = await authenticate(portal.db);
    noteOnRequest({ userId: viewer.id });
    return { viewer, rules: portal.rules };
  }

  registerPrometheus(app, { metrics });
  registerHealth(app, { production: config.production, dependencies });
  const streams = createOpenStreams({
    maxPerUser: config.http.maxSocketsPerUser * config.http.maxSubscriptionsPerSocket,
  });
  registerGraphQL(app, { graph, caller, streams });
  await registerRest(app, { caller, streams, closing: leaving.signal });
  await registerWebApp(app, { dir: webAppDir, ready: () => portal !== null });
  const webSockets = serveWebSockets(app.server, { ...config.http, graph, guard, caller, requestLog, logger });

  function furnish(db: Database): void {
    const owner = `${process.pid}-${uuid()}`;
    const claims = createReplyClaims({ db, owner });
    const changes = createChanges({ wakeUp });
    const answerCache = createAnswerCache({ store: liveStores.answers, ...config.cache });
    const search = createSearch({ db });
    const start = createReplyStart({
      models,
      changes,
      wakeUp,
      metrics,
      mostUnended: config.replies.queueMax + config.models.sequences,
    });
    const cache = createReplyCache({ db, cache: answerCache, models, wakeUp, metrics, config: config.replies });
    const stops = createReplyStops({ db, claims, wakeUp });
    const replies = createReplies({
      db,
      start,
      room: createMessageRoom({ engine, config: config.replies }),
      stops,
      cache,
      changes,
    });
    // Half of the places at most: the chat's own replies always have the others.
    const turns = createTurns({
      places: Math.max(1, Math.floor(config.models.sequences / 2)),
      mostWaiting: config.replies.queueMax,
    });
    const runner = createReplyRunner({
      db,
      engine,
      models,
      claims,
      queue: createReplyQueue({ db, owner }),
      owners: createReplyOwners({ db, owner }),
      pace: createReplyPace({ db, logger }),
      cache,
      metrics,
      turns,
      tokenLog,
      wakeUp,
      changes,
      config: config.replies,
      logger,
      concurrency: config.models.sequences,
    });
    const usage = createUsage({ db });
    const embeddings = createEmbeddings({
      engine,
      catalog,
      turns: createTurns({ places: 1, mostWaiting: config.replies.queueMax }),
      usage,
      config: config.replies,
      modelName: config.models.embedding,
    });
    const promptTemplates = createPromptTemplates({ db });
    const sessions = createSessions({ db, changes, search, templates: promptTemplates, stops, engine, answerCache });
    const rules: Rules = {
      sessions,
      messages: createMessages({ db, changes, answerCache }),
      storedMessages: createStoredMessages({ db, changes, wakeUp }),
      branches: createBranches({ db, changes }),
      replies,
      conversations: createConversations({ sessions, replies }),
      completions: createCompletions({ engine, models, turns, usage, metrics, config: config.replies }),
      embeddings,
      usage,
      replyStream: createReplyStream({ db, tokenLog, wakeUp }),
      search,
      changes,
      answerCache,
      models,
      modelDownloads,
      promptTemplates,
      exports: createExports({ db }),
      imports: createImports({ db, changes, logger, scratchDir: path.join(config.dataDir, 'imports') }),
      dependencies,
      telemetry: createTelemetry({ db, metrics, answerCache }),
      replyDefaults: config.replies,
    };
    lock = databaseServer.holdOwnerLock(owner, leaving.signal);
    runner.start();
    portal = { db, rules, runner };
  }

  /** Whoever looks at the terminal knows which model speaks; it is loaded before the first question comes. */
  async function prepareDefaultModel(): Promise<void> {
    const noEmbeddings = (await portal?.rules.embeddings.problem()) ?? null;
    if (noEmbeddings !== null) logger.warn(noEmbeddings);
    const model = await catalog.defaultModel();
    if (model === null) return logger.warn((await catalog.defaultProblem()) ?? 'No model can answer.');
    if (model.notice === null) logger.info(`${model.name} answers`);
    else logger.warn(model.notice);
    engine.load(model, stopping.signal).catch((error: unknown) => {
      if (!stopping.signal.aborted)
        logger.warn({ err: error }, `${model.name} could not be loaded; the next message tries again`);
    });
  }

  let opened: Promise<void> = Promise.resolve();
  let lock: Promise<void> = Promise.resolve();
  let stopped: Promise<void> | null = null;

  async function stop(): Promise<void> {
    stopping.abort();
    await opened.catch((error: unknown) => logger.debug({ err: error }, 'the database was not open'));
    await portal?.runner.stop(graceMs);
    leaving.abort();
    await webSockets.close();
    const cutOff = setTimeout(() => app.server.closeAllConnections(), lastWordsMs);
    await app.close();
    clearTimeout(cutOff);
    await downloads.stop();
    await engine.stop();
    await lock;
    await databaseServer.close();
  }

  return {
    get url() {
      return `http://${loopbackOf(config.listen.host)}:${port}`;
    },
    whenReady: () => opened,

    async start() {
      await app.listen({ ...config.listen, listenTextResolver: () => 'listening' });
      port = (app.server.address() as AddressInfo).port;
      engine.start();
      opened = databaseServer.open(stopping.signal).then(furnish).then(prepareDefaultModel);
      opened.catch((error: unknown) => logger.debug({ err: error }, 'the database is not open'));
    },

    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

function loopbackOf(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host.includes(':') ? '[::1]' : host;
}

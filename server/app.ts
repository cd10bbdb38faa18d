import { setMaxListeners } from 'node:events';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { v4 as uuid } from 'uuid';
import type { Rules } from '../schema/context.ts';
import { schema } from '../schema/index.ts';
import { authenticate } from './accounts/viewer.ts';
import { createAnswerCache } from './cache/answer-cache.ts';
import { createQuestionVectors } from './cache/question-vectors.ts';
import { createBranches } from './chat/branches.ts';
import { createChanges } from './chat/changes.ts';
import { createConversations } from './chat/conversations.ts';
import { createExports } from './chat/export.ts';
import { createForgottenConversations } from './chat/forgotten-conversations.ts';
import { createImports } from './chat/import/imports.ts';
import { createKnownAnswers } from './chat/known-answers.ts';
import { createMessageRoom } from './chat/message-room.ts';
import { createMessages } from './chat/messages.ts';
import { createModelDownloads } from './chat/model-downloads.ts';
import { createModels } from './chat/models.ts';
import { createPromptTemplates } from './chat/prompt-templates.ts';
import { createQuestionEmbedder } from './chat/question-embedder.ts';
import { createReplies } from './chat/replies.ts';
import { createReplyCache } from './chat/reply-cache.ts';
import { createReplyClaims } from './chat/reply-claims.ts';
import { createReplyStart } from './chat/reply-start.ts';
import { createReplyStops } from './chat/reply-stops.ts';
import { createReplyStream } from './chat/reply-stream.ts';
import { createSearch } from './chat/search.ts';
import { createSessions } from './chat/sessions.ts';
import { createStoredMessages } from './chat/stored-messages.ts';
import { createDistantAnswers } from './chat/workers/distant-answers.ts';
import { createWorkerDirectory } from './chat/workers/worker-directory.ts';
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
import { pingWebSocket, serveWebSockets, type WebSockets } from './http/websocket.ts';
import type { Engine } from './inference/engine.ts';
import { createLogger, type Logger } from './logger.ts';
import { createModelMachines } from './model-machines.ts';
import { noteOnRequest } from './request-scope.ts';
import { registerRest } from './rest/rest.ts';
import { createDatabaseServer, type Database } from './stores/database.ts';
import { createLiveStores } from './stores/live-stores.ts';
import { createDependencies } from './telemetry/dependencies.ts';
import { createMetrics } from './telemetry/metrics.ts';
import { createTelemetry } from './telemetry/telemetry.ts';
import { traceRules } from './telemetry/traced-rules.ts';
import { createUsage } from './telemetry/usage.ts';
import { createWorkroom, type Workroom } from './workroom.ts';

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
  /** Null for a portal without the built-in guide. */
  guideFile?: string | null;
}

const webAppDir = path.join(import.meta.dirname, '../dist/web');
const graceMs = 5_000;
/** How long answers that are on their way may take once nothing more runs. */
const lastWordsMs = 2_000;

/** The whole portal as a value: the one place that picks implementations. */
export async function buildApp(config: Config, overrides: Overrides = {}): Promise<App> {
  const logger = overrides.logger ?? createLogger(config.log);
  // Loaded only where somebody collects what it tells.
  const tracing =
    config.tracing && (await import('./telemetry/tracing.ts')).startTracing({ config: config.tracing, logger });
  const databaseServer = createDatabaseServer({ url: config.database.url, dataDir: config.dataDir, logger });
  const liveStores = createLiveStores({
    url: config.redis.url,
    maxAnswerBytes: config.cache.maxBytes,
    logger,
  });
  const { tokenLog, wakeUp } = liveStores;
  for (const warning of loneRoleWarnings(config)) logger.warn(warning);
  const stopping = new AbortController();
  /** Aborts when what runs has ended or is saved: readers are told to come back. */
  const leaving = new AbortController();
  setMaxListeners(0, leaving.signal);
  const metrics = createMetrics({ counters: liveStores.counters });
  const machines = createModelMachines({
    config,
    overrides,
    calls: liveStores.calls,
    traced: tracing !== null,
    logger,
  });
  const { catalog, downloads } = machines;
  const models = createModels(machines);
  const modelDownloads = createModelDownloads(machines);

  const servesPeople = config.role !== 'worker';

  let port = config.listen.port;
  let portal: { db: Database; rules: Rules; workroom: Workroom | null } | null = null;

  const guard = createGuard({ ...config.http, port: () => port });
  const requestLog = createRequestLog({ logger, served: metrics.operationServed });
  const app = await createHttpServer({
    logger,
    guard,
    trustProxy: config.http.trustProxy,
    requestLog,
    served: metrics.requestServed,
    traced: tracing !== null,
    leaving: leaving.signal,
  });
  const dependencies = createDependencies({
    engine: machines.engine,
    models,
    servers: machines.servers,
    pingDatabase: () => databaseServer.ping(),
    pingRedis: liveStores.ping,
    pingWebSocket: !servesPeople
      ? null
      : () => pingWebSocket(`ws://${loopbackOf(config.listen.host)}:${port}/graphql`, config.http.allowedHosts?.[0]),
  });

  async function caller(): Promise<Caller> {
    if (portal === null) {
      throw new PortalError('dependency_unavailable', 'The portal is starting; try again in a moment.', {
        retryAfterSeconds: 1,
      });
    }
    const viewer = authenticate(portal.db);
    noteOnRequest({ userId: viewer.id });
    return { viewer, rules: portal.rules };
  }

  /** The same where the database is there: what takes minutes, or stays open, does not begin without it. */
  async function knownCaller(): Promise<Caller> {
    const known = await caller();
    await known.viewer.account();
    return known;
  }

  registerPrometheus(app, {
    metrics,
    figures: async () => portal?.rules.telemetry.standing() ?? null,
    dependencies,
  });
  registerHealth(app, { production: config.production, dependencies });
  const webSockets = servesPeople ? await servePeople() : serveNobody();

  /** The doors that people and their programs come by. */
  async function servePeople(): Promise<WebSockets> {
    const graph = createGraph({ schema, production: config.production, graphiql: config.http.graphiql, logger });
    const streams = createOpenStreams({
      maxPerUser: config.http.maxSocketsPerUser * config.http.maxSubscriptionsPerSocket,
    });
    registerGraphQL(app, { graph, caller, knownCaller, streams });
    await registerRest(app, { caller: knownCaller, streams, closing: leaving.signal });
    await registerWebApp(app, { dir: webAppDir, ready: () => portal !== null });
    return serveWebSockets(app.server, { ...config.http, graph, guard, caller: knownCaller, requestLog, logger });
  }

  function serveNobody(): null {
    app.setNotFoundHandler(async () => {
      throw new PortalError(
        'not_found',
        'This process only runs models: it answers /health, /health/deps and /metrics.',
      );
    });
    return null;
  }

  async function furnish(db: Database): Promise<void> {
    const owner = `${process.pid}-${uuid()}`;
    const claims = createReplyClaims({ db, owner });
    const changes = createChanges({ wakeUp });
    // Where no model is held wording alone is compared; the process that takes the reply compares by meaning too.
    const vectors =
      machines.own === null || config.models.embedding === null
        ? null
        : createQuestionVectors({
            embedder: createQuestionEmbedder({ engine: machines.own, catalog, modelName: config.models.embedding }),
            threshold: config.cache.meaningThreshold,
            logger,
          });
    const answerCache = createAnswerCache({ store: liveStores.answers, ...config.cache, vectors });
    const search = createSearch({ db });
    const start = createReplyStart({
      models,
      changes,
      wakeUp,
      metrics,
      mostUnended: config.replies.queueMax + config.models.sequences,
    });
    const cache = createReplyCache({ db, cache: answerCache, models, wakeUp, metrics, config: config.replies });
    const stops = createReplyStops({ db, claims, wakeUp, metrics, logger });
    const replies = createReplies({
      db,
      start,
      answers: createKnownAnswers({
        db,
        start,
        room: createMessageRoom({ ...machines, config: config.replies }),
        cache,
      }),
      stops,
      changes,
    });
    const usage = createUsage({ db });
    const forgotten = createForgottenConversations({ db, wakeUp, logger });
    const workroom =
      machines.own &&
      createWorkroom({
        ...{ db, owner, config, models, catalog, downloads, claims, cache, metrics, tokenLog, wakeUp, changes, usage },
        ...{ databaseServer, forgotten, logger, memoryBytes: machines.memoryBytes, calls: liveStores.calls },
        engine: machines.own,
      });
    const { completions, embeddings } = workroom ?? createDistantAnswers(machines);
    const promptTemplates = createPromptTemplates({ db });
    const sessions = createSessions({ db, changes, search, templates: promptTemplates, stops, forgotten, answerCache });
    const rules: Rules = {
      sessions,
      messages: createMessages({ db, changes, answerCache }),
      storedMessages: createStoredMessages({ db, changes, wakeUp }),
      branches: createBranches({ db, changes }),
      replies,
      conversations: createConversations({ sessions, replies }),
      completions,
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
      telemetry: createTelemetry({ db, metrics, answerCache, signal: leaving.signal }),
      replyDefaults: config.replies,
    };
    workroom?.start();
    portal = { db, rules: tracing ? traceRules(rules) : rules, workroom };
    if (machines.view !== null) await machines.view.watch(createWorkerDirectory({ db }).read, leaving.signal);
  }

  /** Whoever looks at the terminal knows which model speaks; it is loaded before the first question comes. */
  async function prepareDefaultModel(): Promise<void> {
    if (machines.own === null) return logger.info(`${machines.view?.living().length ?? 0} processes hold models`);
    const noEmbeddings = (await portal?.rules.embeddings.problem()) ?? null;
    if (noEmbeddings !== null) logger.warn(noEmbeddings);
    const model = await catalog.defaultModel();
    if (model === null) return logger.warn((await catalog.defaultProblem()) ?? 'No model can answer.');
    if (model.notice === null) logger.info(`${model.name} answers`);
    else logger.warn(model.notice);
    machines.own.load(model, stopping.signal).catch((error: unknown) => {
      if (!stopping.signal.aborted)
        logger.warn({ err: error }, `${model.name} could not be loaded; the next message tries again`);
    });
  }

  let opened: Promise<void> = Promise.resolve();
  let stopped: Promise<void> | null = null;

  async function stop(): Promise<void> {
    stopping.abort();
    await opened.catch((error: unknown) => logger.debug({ err: error }, 'the database was not open'));
    await portal?.workroom?.stop(graceMs);
    leaving.abort();
    await webSockets?.close();
    const cutOff = setTimeout(() => app.server.closeAllConnections(), lastWordsMs);
    await app.close();
    clearTimeout(cutOff);
    await downloads.stop();
    await machines.own?.stop();
    await databaseServer.close();
    await liveStores.close();
    await tracing?.stop();
  }

  return {
    get url() {
      return `http://${loopbackOf(config.listen.host)}:${port}`;
    },
    whenReady: () => opened,

    async start() {
      await app.listen({ ...config.listen, listenTextResolver: () => 'listening' });
      port = (app.server.address() as AddressInfo).port;
      machines.own?.start();
      opened = databaseServer.open(stopping.signal).then(furnish).then(prepareDefaultModel);
      opened.catch((error: unknown) => logger.debug({ err: error }, 'the database is not open'));
    },

    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** What a process that is one of several would miss. */
function loneRoleWarnings({ role, redis, database }: Config): string[] {
  if (role === 'all') return [];
  return [
    ...(database.url === null ? [`ROLE=${role} with a Postgres of its own is alone: set DATABASE_URL`] : []),
    ...(redis.url === null ? [`ROLE=${role} without REDIS_URL asks the database for every piece of news: set it`] : []),
  ];
}

function loopbackOf(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host.includes(':') ? '[::1]' : host;
}

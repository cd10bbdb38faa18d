import type { ServerKind } from '../../config-servers.ts';
import type { PromptMessage, Sampling } from '../engine.ts';
import type { ServerClient } from './server-client.ts';

/** A model as its server lists it. */
export interface ListedModel {
  /** The server's name for it. */
  id: string;
  /** Tells files of one name apart, where the server does. */
  digest: string | null;
  /** True where the server says that it is in memory. */
  loaded: boolean;
  sizeBytes: number | null;
  modifiedAt: Date | null;
  /** In short: `1.5B`. */
  parameters: string | null;
  quantization: string | null;
  /** Tokens a conversation, where the list tells. */
  contextLength: number | null;
}

/** What a server holds at once; null where it does not say. */
export interface Capacity {
  contextLength: number | null;
  sequences: number | null;
}

/** What a kind of server can do beside the protocol that all share. Each call rejects as those of `ServerClient` do. */
export interface Dialect {
  kind: ServerKind;
  /** `entries` are those of the server's `/v1/models`. */
  list(client: ServerClient, entries: readonly ModelEntry[], signal: AbortSignal): Promise<ListedModel[]>;
  capacity(client: ServerClient, model: ListedModel, signal: AbortSignal): Promise<Capacity>;
  /** Exactly what the server would read; null where it cannot be asked. */
  countPrompt:
    | ((
        client: ServerClient,
        model: string,
        messages: readonly PromptMessage[],
        signal: AbortSignal,
      ) => Promise<number>)
    | null;
  /** In the server's words. What it would refuse, or take no notice of, is left out. */
  sampling(sampling: Sampling): Record<string, unknown>;
  /** What a request says beside so that the answer goes on with its last message; null where it would begin anew. */
  continuing: Record<string, unknown> | null;
  /**
   * Whether this server, with this model's template, goes on with the last of these messages when it is asked as `continuing` says; null
   * where a server that cannot says so itself.
   */
  goesOn:
    | ((
        client: ServerClient,
        model: string,
        messages: readonly PromptMessage[],
        signal: AbortSignal,
      ) => Promise<boolean>)
    | null;
}

/** One of `/v1/models`; all but the id is what this or that server adds. */
export interface ModelEntry {
  id: string;
  owned_by?: unknown;
  [more: string]: unknown;
}

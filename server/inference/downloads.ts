/**
 * What can be pulled into the models folder, and what is being pulled. A file has its name there only once all of it has
 * arrived, its checksum is right and its header is one that the engine can be given; no file that is there is replaced.
 */
export interface Downloads {
  /** What has a short name, smallest first. */
  catalogue(): readonly PullableModel[];
  /**
   * Begins to pull a model: by its name in the catalogue, or `hf:owner/repository/file.gguf`. Returns at once; of a model
   * that is being pulled, what runs. One that failed goes on where it stopped. Throws a PortalError: `invalid_input` for a
   * name that is neither, `conflict` where its file is there or another download would become it, `overloaded` while
   * `downloadLimits.atOnce` run.
   */
  pull(name: string): Promise<Download>;
  find(id: string): Promise<Download | null>;
  /** Those that run and the newest that ended, newest first. */
  list(): Promise<Download[]>;
  /**
   * Ends it, and removes what has arrived; of one that failed, the same. One that is complete or cancelled stays as it is.
   * Null where there is none.
   */
  cancel(id: string): Promise<Download | null>;
  /** As it is now, then each time that it is not as before, at most four times a second; the end is last. Null: none. */
  follow(id: string, signal: AbortSignal): Promise<AsyncGenerator<Download, void> | null>;
  /** Breaks off what runs; it can be taken up after the next start. */
  stop(): Promise<void>;
}

/** A model of the curated catalogue. */
export interface PullableModel {
  /** The name that it will have among the models. */
  name: string;
  /** Where it comes from: `owner/repository`. */
  repository: string;
  parameters: string;
  quantization: string;
  license: string;
  sizeBytes: number;
  /** What loading it with the present settings takes. */
  memoryEstimateBytes: number;
  /** What it takes with one conversation at once and, where its length is not set, a short one. */
  leastMemoryBytes: number;
}

export interface Download {
  id: string;
  /** As it was asked for. */
  name: string;
  status: 'running' | 'complete' | 'cancelled' | 'failed';
  receivedBytes: number;
  /** Null until the host has said. */
  totalBytes: number | null;
  /** Over the last seconds; 0 where it does not run. */
  bytesPerSecond: number;
  /** What went wrong and what can be done, where it failed. */
  error: string | null;
}

export const downloadLimits = {
  /** Downloads that run at once. */
  atOnce: 3,
  /** Ended downloads that are remembered. */
  remembered: 50,
  /** No file may be larger. */
  fileBytes: 64 * 2 ** 30,
  /** Room that stays free on the disk. */
  reserveBytes: 512 * 2 ** 20,
  redirects: 5,
  /** A connection that brings nothing for so long is given up and made again. */
  stallMs: 30_000,
  /** Pauses before the tries that follow a broken one; progress begins the count anew. */
  retryDelaysMs: [1_000, 2_000, 5_000, 15_000, 30_000],
  /** So many bytes count as progress. */
  progressBytes: 2 ** 20,
  /** Tries where nothing has arrived at all: whoever waits without a network is told soon. */
  firstTries: 3,
  /** Times that a file may turn out to be another one than before. */
  changes: 2,
} as const;

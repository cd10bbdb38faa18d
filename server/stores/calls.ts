/**
 * Asks another process for what this one cannot do itself. A call has nothing to survive for: it is stored nowhere, and whoever
 * asks is told when it is lost.
 */
export interface Calls {
  /**
   * Asks the process of that name. Yields what it says, in order, and ends with its work. Throws the PortalError that is thrown
   * there; a `CallLost` where the process does not hear it, falls silent for 5 s, or a piece does not arrive. An abort of
   * the signal ends the work there and rejects with its reason.
   */
  ask(process: string, what: string, input: unknown, signal: AbortSignal): AsyncGenerator<unknown, void>;
  /** Answers calls under this name until it is closed, which ends the work that is under way. */
  answer(process: string, work: CallWork): { close(): Promise<void> };
}

/** Does what was asked for, until its end or the signal's abort. Pieces are JSON. */
export type CallWork = (what: string, input: unknown, signal: AbortSignal) => AsyncIterable<unknown>;

/** The process that was asked, or the way to it, is gone. */
export class CallLost extends Error {
  override readonly name = 'CallLost';
}

import type { ExecutionResult, SubscriptionOperation } from '@urql/core';

/** What a carrier tells of one subscription. After `refused`, `lost` or `complete` it says nothing more. */
export interface CarrierSink {
  /** The connection stands. */
  opened(): void;
  next(result: ExecutionResult): void;
  /** The server does not accept the operation: asking again gives the same. */
  refused(errors: NonNullable<ExecutionResult['errors']>): void;
  /** The connection could not be had, or broke. */
  lost(): void;
  complete(): void;
}

/** One way for subscriptions to arrive. Starts one; the returned function ends it, at once and silently. */
export type Carrier = (request: SubscriptionOperation, sink: CarrierSink) => () => void;

import type { ServerResponse } from 'node:http';
import type { Viewer } from '../accounts/viewer.ts';
import { PortalError } from '../errors.ts';

export interface OpenStreams {
  /** Counts a stream of events until its client is gone. Throws `rate_limited` where the user has too many. */
  count(viewer: Pick<Viewer, 'id'>, response: ServerResponse): void;
}

/** Streams of events that are open over HTTP, whatever they carry. */
export function createOpenStreams({ maxPerUser }: { maxPerUser: number }): OpenStreams {
  const perUser = new Map<string, number>();

  return {
    count({ id }, response) {
      const open = perUser.get(id) ?? 0;
      if (open >= maxPerUser) {
        throw new PortalError('rate_limited', `${maxPerUser} streams of events are open already.`, {
          retryAfterSeconds: 5,
          limit: maxPerUser,
        });
      }
      perUser.set(id, open + 1);
      response.once('close', () => {
        const left = (perUser.get(id) ?? 1) - 1;
        if (left === 0) perUser.delete(id);
        else perUser.set(id, left);
      });
    },
  };
}

import type { IncomingMessage } from 'node:http';
import { PortalError } from '../errors.ts';

export interface Guard {
  /**
   * Refuses what a page of another site could send: a Host that is not ours (DNS rebinding); and, where `unsafe`, an Origin
   * that is present and not ours, or `Sec-Fetch-Site: cross-site`. Throws `forbidden`.
   */
  check(request: Pick<IncomingMessage, 'headers'>, unsafe: boolean): void;
}

interface Options {
  /** Null: the loopback names with `port` and 3000. */
  allowedHosts: readonly string[] | null;
  /** Null: the same names by http. */
  allowedOrigins: readonly string[] | null;
  /** The port in use, known once the server listens. */
  port: () => number;
}

const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];
const developmentPort = 3000;

export function createGuard({ allowedHosts, allowedOrigins, port }: Options): Guard {
  const ownHosts = () => loopbackNames.flatMap((name) => [`${name}:${port()}`, `${name}:${developmentPort}`]);

  return {
    check({ headers }, unsafe) {
      const host = headers.host?.toLowerCase() ?? '';
      if (!(allowedHosts ?? ownHosts()).includes(host)) {
        throw new PortalError(
          'forbidden',
          `This portal is not reached by the name ${host || '(none)'}; see ALLOWED_HOSTS.`,
        );
      }
      if (!unsafe) return;
      const origin = headers.origin?.toLowerCase();
      const ownOrigins =
        allowedOrigins ?? (allowedHosts ?? ownHosts()).flatMap((name) => [`http://${name}`, `https://${name}`]);
      if (origin !== undefined && !ownOrigins.includes(origin)) {
        throw new PortalError('forbidden', `Pages of ${origin} may not use this portal; see ALLOWED_ORIGINS.`);
      }
      if (headers['sec-fetch-site'] === 'cross-site') {
        throw new PortalError('forbidden', 'Pages of other sites may not use this portal.');
      }
    },
  };
}

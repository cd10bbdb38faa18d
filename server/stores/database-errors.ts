/** The database can never be used as things stand; the message says in one line why, and what to do. */
export class FatalDatabaseError extends Error {
  override readonly name = 'FatalDatabaseError';
}

/** Of Prisma: cannot reach, timed out, closed, pool exhausted, no transaction in time, too many connections. */
const prismaCodes = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2037']);
/** Of its driver adapters. */
const adapterKinds = new Set(['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout', 'TooManyConnections']);
/** Of Node's sockets. */
const socketCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
/** Of Postgres: connection exceptions, shutting down, starting up, too many connections, statement timeout. */
const postgresCodes = /^(08...|57P0[1-5]|53300|57014)$/;
const words =
  /connection terminated|timeout expired|timeout exceeded when trying to connect|connection timeout|query read timeout|server closed the connection/i;

/** Whether an error means that the database could not be reached, or not in time: trying again later may help. */
export function isDatabaseUnavailable(error: unknown): boolean {
  for (let current = error, depth = 0; isRecord(current) && depth < 6; depth++) {
    const { code, kind, originalCode, message } = current;
    if (typeof code === 'string' && (prismaCodes.has(code) || socketCodes.has(code) || postgresCodes.test(code))) {
      return true;
    }
    // A Unix socket that is not there yet; a file that is missing says the same of another call.
    if (code === 'ENOENT' && current.syscall === 'connect') return true;
    if (typeof originalCode === 'string' && postgresCodes.test(originalCode)) return true;
    if (typeof kind === 'string' && adapterKinds.has(kind)) return true;
    if (typeof message === 'string' && words.test(message)) return true;
    current = current.cause ?? (isRecord(current.meta) ? current.meta.driverAdapterError : null);
  }
  return false;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Another row has these values already, and they are to be unique. */
export function isUniqueViolation(error: unknown): boolean {
  if (!isRecord(error)) return false;
  if (error.code === 'P2002') return true;
  // Of a statement of our own Prisma hands on what Postgres said.
  const { driverAdapterError } = isRecord(error.meta) ? error.meta : {};
  const said = isRecord(driverAdapterError) ? driverAdapterError.cause : null;
  return isRecord(said) && (said.kind === 'UniqueConstraintViolation' || said.originalCode === '23505');
}

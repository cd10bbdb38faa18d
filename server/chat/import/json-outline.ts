/** Where a value stands: the names and places from the root down to it. */
export type Path = readonly (string | number)[];

export type OutlineEvent =
  /** A container that is entered begins or ends. */
  | { type: 'open' | 'close'; path: Path }
  /** A value, parsed, and where its text stands in the file, in bytes. */
  | { type: 'value'; path: Path; value: unknown; start: number; length: number }
  /** A value that is larger or nested deeper than may be read. */
  | { type: 'unread'; path: Path; because: 'too large' | 'too deep' };

export interface OutlineOptions {
  /** Whether the container at this place is entered; any other is one value. */
  enters(path: Path, kind: 'object' | 'array'): boolean;
  /** The most bytes that a value at this place may have to be read; 0: it is passed over without an event. */
  maxBytes(path: Path): number;
}

/** What is not JSON; the message says where. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
}

/** Levels that a value may be nested: a message, and 64 levels of context within it. */
export const maxDepth = 66;
const maxNameBytes = 64 * 1024;

interface Container {
  kind: 'object' | 'array';
  /** The name or place of what comes next in it. */
  key: string | number;
}

/** A name or a value whose end has not been seen yet. */
interface Piece {
  what: 'name' | 'value';
  kind: 'string' | 'scalar' | 'container';
  start: number;
  size: number;
  maxBytes: number;
  /** Its bytes so far; dropped once there are too many. */
  chunks: Buffer[];
  depth: number;
  deepest: number;
  inString: boolean;
  escaped: boolean;
}

type Expected = 'value' | 'value or end' | 'name' | 'name or end' | 'colon' | 'comma or end' | 'nothing';

const isSpace = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [openArray, closeArray, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];
const byteOrderMark = [0xef, 0xbb, 0xbf];

/**
 * Reads JSON (RFC 8259) of any size piece by piece: enters the outer containers that it is told to, and parses each value
 * within them whole. Memory is bounded by the largest value that may be read, whatever the file holds.
 */
export function createJsonOutline({ enters, maxBytes }: OutlineOptions) {
  const containers: Container[] = [];
  let expected: Expected = 'value';
  let piece: Piece | null = null;
  /** Bytes before the chunk in hand. */
  let offset = 0;
  let events: OutlineEvent[] = [];

  const path = (): Path => containers.map((container) => container.key);

  function fail(what: string, at: number): never {
    throw new JsonSyntaxError(`${what} at byte ${at}`);
  }

  function begin(what: Piece['what'], byte: number, at: number): void {
    const kind = byte === quote ? 'string' : byte === openArray || byte === openObject ? 'container' : 'scalar';
    piece = {
      what,
      kind,
      start: at,
      size: 0,
      maxBytes: what === 'name' ? maxNameBytes : maxBytes(path()),
      chunks: [],
      depth: 0,
      deepest: 0,
      inString: false,
      escaped: false,
    };
  }

  function keep(part: Piece, bytes: Buffer): void {
    part.size += bytes.length;
    if (part.size <= part.maxBytes) part.chunks.push(bytes);
    else part.chunks.length = 0;
  }

  function finish(part: Piece): void {
    piece = null;
    const tooLarge = part.size > part.maxBytes;
    if (part.what === 'name') {
      if (tooLarge) fail('a name that is too long', part.start);
      const container = containers.at(-1);
      if (container !== undefined) container.key = String(parse(part));
      expected = 'colon';
      return;
    }
    expected = containers.length === 0 ? 'nothing' : 'comma or end';
    if (part.maxBytes === 0) return;
    if (part.deepest > maxDepth) events.push({ type: 'unread', path: path(), because: 'too deep' });
    else if (tooLarge) events.push({ type: 'unread', path: path(), because: 'too large' });
    else events.push({ type: 'value', path: path(), value: parse(part), start: part.start, length: part.size });
  }

  function parse(part: Piece): unknown {
    const [only] = part.chunks;
    const bytes = part.chunks.length === 1 && only !== undefined ? only : Buffer.concat(part.chunks);
    try {
      return JSON.parse(bytes.toString());
    } catch {
      return fail('what stands there is not JSON,', part.start);
    }
  }

  /** Goes on with the piece; answers where in the chunk it stopped: at the piece's end or the chunk's. */
  function read(part: Piece, chunk: Buffer, from: number): number {
    const end = part.kind === 'scalar' ? endOfScalar(chunk, from) : endOfNested(part, chunk, from);
    keep(part, chunk.subarray(from, end ?? chunk.length));
    if (end === null) return chunk.length;
    finish(part);
    return end;
  }

  function openOrBegin(byte: number, at: number): void {
    const kind = byte === openArray ? 'array' : byte === openObject ? 'object' : null;
    if (kind === null || !enters(path(), kind)) {
      begin('value', byte, at);
      return;
    }
    events.push({ type: 'open', path: path() });
    containers.push({ kind, key: kind === 'array' ? 0 : '' });
    expected = kind === 'array' ? 'value or end' : 'name or end';
  }

  function close(kind: Container['kind'], at: number): void {
    if (containers.pop()?.kind !== kind) fail('a bracket that closes nothing', at);
    events.push({ type: 'close', path: path() });
    expected = containers.length === 0 ? 'nothing' : 'comma or end';
  }

  /** Takes the byte that stands between pieces; false where a piece begins with it. */
  function step(byte: number, at: number): boolean {
    if (isSpace(byte) || byte === byteOrderMark[at]) return true;
    const mayEnd = expected.endsWith('or end');
    if (mayEnd && byte === closeArray) close('array', at);
    else if (mayEnd && byte === closeObject) close('object', at);
    else if (expected === 'comma or end' && byte === comma) {
      const container = containers.at(-1);
      if (typeof container?.key === 'number') container.key += 1;
      expected = container?.kind === 'array' ? 'value' : 'name';
    } else if (expected === 'colon' && byte === colon) expected = 'value';
    else if (expected.startsWith('name') && byte === quote) begin('name', byte, at);
    else if (expected.startsWith('value') && byte !== comma && byte !== colon) openOrBegin(byte, at);
    else fail(`${JSON.stringify(String.fromCharCode(byte))} where ${expected} is expected`, at);
    return piece === null;
  }

  function take(): OutlineEvent[] {
    const taken = events;
    events = [];
    return taken;
  }

  return {
    /** What the chunk completes. The chunk must not be changed afterwards. Throws JsonSyntaxError. */
    write(chunk: Buffer): OutlineEvent[] {
      let place = 0;
      while (place < chunk.length) {
        if (piece !== null) place = read(piece, chunk, place);
        else if (step(chunk[place] ?? 0, offset + place)) place += 1;
      }
      offset += chunk.length;
      return take();
    },

    /** To be called at the end of the file. Throws JsonSyntaxError where something is missing. */
    end(): OutlineEvent[] {
      if (piece?.kind === 'scalar' && containers.length === 0) finish(piece);
      if (expected !== 'nothing' || piece !== null) fail('the text ends too early,', offset);
      return take();
    },
  };
}

function endOfScalar(chunk: Buffer, from: number): number | null {
  for (let place = from; place < chunk.length; place++) {
    const byte = chunk[place] ?? 0;
    if (byte === comma || byte === closeArray || byte === closeObject || isSpace(byte)) return place;
  }
  return null;
}

/** The end of a string or a container: where its quotes and brackets are closed. */
function endOfNested(part: Piece, chunk: Buffer, from: number): number | null {
  let { depth, deepest, inString, escaped } = part;
  for (let place = from; place < chunk.length; place++) {
    const byte = chunk[place];
    if (inString) {
      if (escaped) escaped = false;
      else if (byte === backslash) escaped = true;
      else if (byte === quote) inString = false;
      else continue;
      if (inString || depth > 0) continue;
      return place + 1;
    }
    if (byte === quote) inString = true;
    else if (byte === openArray || byte === openObject) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (byte === closeArray || byte === closeObject) {
      depth -= 1;
      if (depth === 0) {
        part.deepest = deepest;
        return place + 1;
      }
    }
  }
  Object.assign(part, { depth, deepest, inString, escaped });
  return null;
}

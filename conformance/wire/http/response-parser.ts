import { isFieldName } from '../../../base/http-fields.ts';

/** The start of the description of a response whose bytes are not HTTP/1.1. */
export const invalidResponse = 'the response is not valid HTTP/1.1';

/** The head of a response. Names of fields are in lower case. */
export interface ResponseHead {
  readonly status: number;
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Whether the connection stays open after the response. */
  readonly keepAlive: boolean;
  /** Whether only the end of the connection ends the body. */
  readonly endsWithConnection: boolean;
}

/** Receives the parts of one response, in order. */
export interface ResponseReceiver {
  head(head: ResponseHead): void;
  data(bytes: Buffer): void;
  end(): void;
}

/** Thrown for bytes that are not a valid response (RFC 9112). */
export class ResponseError extends Error {
  override readonly name = 'ResponseError';
  readonly code = 'invalid-response';
}

type State =
  | { readonly kind: 'idle' | 'head' }
  | { readonly kind: 'length'; left: number }
  | { readonly kind: 'until-close' }
  | { readonly kind: 'chunk-size' | 'chunk-end' | 'trailers' }
  | { readonly kind: 'chunk-data'; left: number };

const noBytes = Buffer.alloc(0);
/** Maximum size of a head, and of a line between chunks. */
const maxHeadBytes = 1 << 16;
/** RFC 9110 section 15.2 allows any number of interim responses. */
const maxInterimResponses = 100;

/**
 * Parses the responses on one connection strictly, one after the other. It copies bytes only if a head or a line is
 * incomplete.
 */
export class ResponseParser {
  #state: State = { kind: 'idle' };
  #bytes: Buffer = noBytes;
  #method = '';
  #receiver: ResponseReceiver | undefined;
  #interim = 0;

  /** Whether a response is awaited or incomplete. */
  get isOpen(): boolean {
    return this.#receiver !== undefined;
  }

  /** Expects a response to a request with this method. */
  expect(method: string, receiver: ResponseReceiver): void {
    this.#method = method;
    this.#receiver = receiver;
    this.#interim = 0;
    this.#state = { kind: 'head' };
  }

  /** Parses received bytes. @throws ResponseError for an invalid response, and for bytes without a request */
  push(bytes: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes]);
    while (this.#receiver !== undefined && this.#step(this.#receiver));
    if (this.#receiver === undefined && this.#bytes.length > 0) {
      throw new ResponseError(`unexpected bytes follow the response: ${shown(this.#bytes)}`);
    }
    // Copied, because a slice of a few bytes would keep a large received buffer in memory.
    if (this.#bytes.length > 0) this.#bytes = Buffer.from(this.#bytes);
  }

  /** Ends the connection. @returns whether that ends the response normally */
  end(): boolean {
    if (this.#state.kind !== 'until-close') return false;
    this.#finish();
    return true;
  }

  /** Reads one part of the response. Returns whether there may be more to read. */
  #step(receiver: ResponseReceiver): boolean {
    const state = this.#state;
    switch (state.kind) {
      case 'idle':
        return false;
      case 'head':
        return this.#readHead(receiver);
      case 'until-close':
        return this.#readData(receiver, this.#bytes.length) > 0;
      case 'length':
      case 'chunk-data': {
        state.left -= this.#readData(receiver, state.left);
        if (state.left > 0) return false;
        if (state.kind === 'length') return this.#finish();
        this.#state = { kind: 'chunk-end' };
        return true;
      }
      case 'chunk-size':
      case 'chunk-end':
      case 'trailers':
        return this.#readLine(state.kind);
    }
  }

  #readHead(receiver: ResponseReceiver): boolean {
    const end = this.#bytes.indexOf('\r\n\r\n', 0, 'latin1');
    if (end < 0) {
      if (this.#bytes.length > maxHeadBytes) throw new ResponseError('the head has more than 64 KiB');
      return false;
    }
    const [statusLine = '', ...lines] = this.#take(end + 4)
      .toString('latin1', 0, end)
      .split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3})(?: [\t\x20-\x7e\x80-\xff]*)?$/.exec(statusLine)?.[1]);
    if (!(status >= 100))
      throw new ResponseError(`${shown(Buffer.from(statusLine, 'latin1'))} is not a status line`);
    const fields = lines.map(fieldOf);
    if (status < 200) {
      this.#interim += 1;
      if (status === 101) throw new ResponseError('the response switches protocols');
      if (this.#interim > maxInterimResponses)
        throw new ResponseError('there are more than 100 interim responses');
      return true;
    }
    this.#state = framingOf(this.#method, status, fields);
    const keepAlive = !valuesOf(fields, 'connection').some((value) =>
      /(?:^|,)\s*close\s*(?:,|$)/i.test(value),
    );
    const endsWithConnection = this.#state.kind === 'until-close';
    receiver.head({ status, fields, keepAlive: keepAlive && !endsWithConnection, endsWithConnection });
    return true;
  }

  #readData(receiver: ResponseReceiver, limit: number): number {
    const size = Math.min(limit, this.#bytes.length);
    if (size > 0) receiver.data(this.#take(size));
    return size;
  }

  #readLine(kind: 'chunk-size' | 'chunk-end' | 'trailers'): boolean {
    const end = this.#bytes.indexOf('\r\n', 0, 'latin1');
    if (end < 0) {
      if (this.#bytes.length > maxHeadBytes)
        throw new ResponseError('a line between chunks has more than 64 KiB');
      return false;
    }
    const line = this.#take(end + 2).toString('latin1', 0, end);
    if (kind === 'chunk-end') {
      if (line !== '') throw new ResponseError('a chunk is longer than its size');
      this.#state = { kind: 'chunk-size' };
    } else if (kind === 'chunk-size') {
      const size = /^([0-9a-f]{1,8})[ \t]*(?:;[\t\x20-\x7e]*)?$/i.exec(line)?.[1];
      if (size === undefined) throw new ResponseError(`${JSON.stringify(line)} is not the size of a chunk`);
      const left = Number.parseInt(size, 16);
      this.#state = left === 0 ? { kind: 'trailers' } : { kind: 'chunk-data', left };
    } else {
      if (line === '') return this.#finish();
      fieldOf(line);
    }
    return true;
  }

  #take(size: number): Buffer {
    const taken = this.#bytes.subarray(0, size);
    this.#bytes = this.#bytes.subarray(size);
    return taken;
  }

  #finish(): true {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    this.#state = { kind: 'idle' };
    receiver?.end();
    return true;
  }
}

function fieldOf(line: string): readonly [string, string] {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(0, colon));
  const value = line.slice(colon + 1);
  if (!isFieldName(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
    throw new ResponseError(`${shown(Buffer.from(line, 'latin1'))} is not a field line`);
  }
  return [name.toLowerCase(), value.trim()];
}

/** Determines the framing of a body (RFC 9112 section 6.3). @throws ResponseError if it is ambiguous */
function framingOf(method: string, status: number, fields: ResponseHead['fields']): State {
  const lengths = valuesOf(fields, 'content-length');
  const codings = valuesOf(fields, 'transfer-encoding');
  const isEmpty = method === 'HEAD' || status === 204 || status === 304;
  if (codings.length > 0) {
    if (lengths.length > 0) throw new ResponseError('the response has content-length and transfer-encoding');
    if (codings.length > 1 || codings[0]?.toLowerCase() !== 'chunked')
      throw new ResponseError(`the transfer coding is ${codings.join(', ')}, not chunked`);
    if (isEmpty) throw new ResponseError(`a response with status ${status} must not have a transfer coding`);
    return { kind: 'chunk-size' };
  }
  if (lengths.length > 1) throw new ResponseError('the response has several content-length fields');
  const [length] = lengths;
  if (length !== undefined && !/^\d{1,15}$/.test(length))
    throw new ResponseError(`content-length is ${JSON.stringify(length)}`);
  if (isEmpty) return { kind: 'length', left: 0 };
  return length === undefined ? { kind: 'until-close' } : { kind: 'length', left: Number(length) };
}

function valuesOf(fields: ResponseHead['fields'], name: string): readonly string[] {
  return fields.filter(([each]) => each === name).map(([, value]) => value);
}

function shown(bytes: Buffer): string {
  return JSON.stringify(bytes.toString('latin1', 0, 80));
}

import type { ServerResponse } from 'node:http';
import { Duplex, Transform } from 'node:stream';
import { create } from '@bufbuild/protobuf';
import { internalFields } from '../../../base/http-fields.ts';
import { type McpRequest, McpRequestSchema } from '../../../proto/index.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import type { Answer } from '../../../reference-runtime/http/answer.ts';
import type { RequestHead } from '../../../reference-runtime/http-socket/request-message.ts';
import type { Hooks } from '../../harness/fault.ts';

/** Changes the request message of an HTTP request. */
export function requests(change: (message: McpRequest, head: RequestHead) => Partial<McpRequest>): Hooks {
  return {
    httpMessageOf(head, body) {
      const message = defaultHooks.httpMessageOf(head, body);
      return create(McpRequestSchema, { ...message, ...change(message, head) });
    },
  };
}

/** Changes the header fields before the runtime reads them. */
export function requestFields(
  change: (fields: readonly (readonly [string, string])[]) => readonly (readonly [string, string])[],
): Hooks {
  return {
    httpMessageOf: (head, body) =>
      defaultHooks.httpMessageOf({ ...headOf(head), rawHeaders: change(fieldsOf(head)).flat() }, body),
  };
}

/** Returns the fields of a request. */
export function fieldsOf({ rawHeaders }: RequestHead): readonly (readonly [string, string])[] {
  return rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ''] as const] : []));
}

/** Copies the members of a request. They are getters, which a spread does not copy. */
function headOf({ method, url, headers, rawHeaders }: RequestHead): RequestHead {
  return { method, url, headers, rawHeaders };
}

/** Reads an internal field, or treats it as absent if it is invalid. */
export function lenient(name: string): Hooks {
  return requestFields((fields) => {
    const isInvalid = ([each, value]: readonly [string, string]) => {
      if (each.toLowerCase() !== name) return false;
      if (name === internalFields.serverId) return !isDecodable(value);
      return name === internalFields.affinityForwarded ? value !== 'true' : !/^\d{1,19}$/.test(value);
    };
    return fields.filter((field) => !isInvalid(field));
  });
}

function isDecodable(value: string): boolean {
  try {
    decodeURIComponent(value);
    return true;
  } catch {
    return false;
  }
}

/** Changes every whole answer. */
export function answers(change: (answer: Answer) => Answer): Hooks {
  return { sendAnswer: (outgoing, answer) => defaultHooks.sendAnswer(outgoing, change(answer)) };
}

/** Calls a function before each answer is sent. */
export function beforeAnswers(act: (outgoing: ServerResponse, answer: Answer) => void): Hooks {
  return {
    sendAnswer(outgoing, answer) {
      act(outgoing, answer);
      defaultHooks.sendAnswer(outgoing, answer);
    },
  };
}

/** Changes the bytes that the runtime sends on a connection. */
export function sentBytes(change: (bytes: Buffer) => readonly Buffer[]): Hooks {
  return {
    acceptHttp(connection) {
      const writable = transformer(change);
      writable.pipe(connection);
      return Duplex.from({ readable: connection, writable });
    },
  };
}

/** Changes the bytes that the runtime receives on a connection. */
export function receivedBytes(makeChange: () => (bytes: Buffer) => readonly Buffer[]): Hooks {
  return {
    acceptHttp(connection) {
      const readable = transformer(makeChange());
      connection.pipe(readable);
      return Duplex.from({ readable, writable: connection });
    },
  };
}

function transformer(change: (bytes: Buffer) => readonly Buffer[]): Transform {
  return new Transform({
    transform(bytes: Buffer, _encoding, done) {
      for (const piece of change(bytes)) this.push(piece);
      done();
    },
  });
}

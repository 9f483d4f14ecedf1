import { createServer, type Server, type Socket } from 'node:net';
import { create, toBinary } from '@bufbuild/protobuf';
import { encodeLengthPrefixed } from '../../../base/length-prefix.ts';
import { McpResponseSchema } from '../../../proto/index.ts';
import { FrameReader } from '../transport/frame-reader.ts';
import {
  flags,
  frames,
  frameTypes,
  initialWindowBytes,
  largestWindowBytes,
  maxFrameBytes,
  settingIds,
} from '../transport/frames.ts';
import { encodeHeaderBlock } from '../transport/header-block.ts';
import { SocketWriter } from '../transport/socket-writer.ts';

const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const responseBlock = encodeHeaderBlock({ ':status': '200', 'content-type': 'application/grpc' });
const trailerBlock = encodeHeaderBlock({ 'grpc-status': '0' });
const idDigits = 10;
const idMark = '"id":';
const textMark = '"text":"';

/** A response without the id of its request, which `idAt` locates. */
interface Template {
  readonly bytes: Buffer;
  readonly idAt: number;
}

/**
 * A server that answers the requests of the echo workloads, and of opening and closing sessions, with prepared bytes.
 * It shows how fast the load generator is, because it does as little as possible.
 */
export class CannedResponder {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Responses to `conformance_echo` by the size of the request. The texts of one size are the same. */
  readonly #echoes = new Map<number, Template>();

  constructor() {
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /** Listens on a Unix domain socket. */
  listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(path, resolve);
    });
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => undefined);
    const writer = new SocketWriter(socket);
    writer.write(
      Buffer.concat([
        frames.settings([[settingIds.initialWindowSize, largestWindowBytes]]),
        frames.windowUpdate(0, largestWindowBytes - initialWindowBytes),
      ]),
    );
    const bodies = new Map<number, Buffer[]>();
    const reader = new FrameReader((type, bits, stream, payload) => {
      if (type === frameTypes.settings && (bits & flags.ack) === 0) writer.write(frames.settingsAck());
      if (type !== frameTypes.data) return;
      const parts = bodies.get(stream) ?? [];
      if ((bits & flags.endStream) === 0) {
        bodies.set(stream, [...parts, Buffer.from(payload)]);
        return;
      }
      bodies.delete(stream);
      const request = parts.length === 0 ? payload : Buffer.concat([...parts, payload]);
      writer.write(this.#answer(stream, request));
    });
    let skipped = 0;
    socket.on('data', (bytes: Buffer) => {
      const rest = Math.min(bytes.length, preface.length - skipped);
      skipped += rest;
      if (rest < bytes.length) reader.push(bytes.subarray(rest));
    });
  }

  #answer(stream: number, request: Buffer): Buffer {
    const message = this.#responseTo(request);
    const parts = [frames.headers(stream, responseBlock, false)];
    for (let at = 0; at < message.length; at += maxFrameBytes) {
      parts.push(frames.data(stream, message.subarray(at, at + maxFrameBytes), false));
    }
    return Buffer.concat([...parts, frames.headers(stream, trailerBlock, true)]);
  }

  #responseTo(request: Buffer): Buffer {
    const mark = request.indexOf(idMark);
    if (mark < 0) return encoded(202, '');
    const id = request.subarray(mark + idMark.length, mark + idMark.length + idDigits);
    const { bytes, idAt } = request.includes('"initialize"') ? opened : this.#echoOf(request);
    const response = Buffer.from(bytes);
    id.copy(response, idAt);
    return response;
  }

  #echoOf(request: Buffer): Template {
    const known = this.#echoes.get(request.length);
    if (known !== undefined) return known;
    const start = request.indexOf(textMark) + textMark.length;
    const text = request.toString('latin1', start, request.indexOf('"', start));
    const template = templateOf({ content: [{ type: 'text', text }] });
    this.#echoes.set(request.length, template);
    return template;
  }
}

const opened = templateOf({ protocolVersion: '2025-11-25', capabilities: {}, serverInfo: {} });

function templateOf(result: object): Template {
  const id = '0'.repeat(idDigits);
  const bytes = encoded(200, `{"jsonrpc":"2.0","id":${id},"result":${JSON.stringify(result)}}`);
  return { bytes, idAt: bytes.indexOf(idMark) + idMark.length };
}

function encoded(status: number, body: string): Buffer {
  const headers = { 'content-type': 'application/json', 'mcp-session-id': 'canned-session' };
  return encodeLengthPrefixed(
    toBinary(McpResponseSchema, create(McpResponseSchema, { status, headers, body: Buffer.from(body) })),
  );
}

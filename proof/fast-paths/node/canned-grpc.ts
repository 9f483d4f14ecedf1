import { createServer, type Socket } from 'node:net';
import { create, toBinary } from '@bufbuild/protobuf';
import { encodeLengthPrefixed, prefixBytes } from '../../../base/length-prefix.ts';
import { FrameReader } from '../../../conformance/bench/transport/frame-reader.ts';
import {
  flags,
  frames,
  frameTypes,
  initialWindowBytes,
  largestWindowBytes,
  settingIds,
} from '../../../conformance/bench/transport/frames.ts';
import { encodeHeaderBlock } from '../../../conformance/bench/transport/header-block.ts';
import { SocketWriter } from '../../../conformance/bench/transport/socket-writer.ts';
import { HealthResponseSchema, McpChunkSchema, McpResponseSchema } from '../../../proto/index.ts';
import { cannedAnswer } from './canned-answers.ts';

// Answers the gRPC calls of a gateway with prepared bytes. The first argument is the path of its socket.
const [path = ''] = process.argv.slice(2);
const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const responseBlock = encodeHeaderBlock({ ':status': '200', 'content-type': 'application/grpc' });
const trailerBlock = encodeHeaderBlock({ 'grpc-status': '0' });
const health = encodeLengthPrefixed(
  toBinary(
    HealthResponseSchema,
    create(HealthResponseSchema, {
      status: 'ok',
      mode: 'full',
      capabilities: ['stream-head', 'stream-post'],
    }),
  ),
);

/** Returns the messages of the response. Only the message of HealthCheck is empty. */
function messagesFor(request: Buffer): readonly Buffer[] {
  if (request.length === prefixBytes) return [health];
  const isStreamed = request.includes('text/event-stream');
  const { status, headers, body } = cannedAnswer(request, isStreamed);
  if (!isStreamed) {
    const answer = create(McpResponseSchema, { status, headers: { ...headers }, body });
    return [encodeLengthPrefixed(toBinary(McpResponseSchema, answer))];
  }
  const chunks = [{ status, headers: { ...headers } }, { data: body }, { done: true }];
  return chunks.map((chunk) => encodeLengthPrefixed(toBinary(McpChunkSchema, create(McpChunkSchema, chunk))));
}

function serve(socket: Socket): void {
  socket.on('error', () => undefined);
  const writer = new SocketWriter(socket);
  writer.write(
    Buffer.concat([
      frames.settings([[settingIds.initialWindowSize, largestWindowBytes]]),
      frames.windowUpdate(0, largestWindowBytes - initialWindowBytes),
    ]),
  );
  const bodies = new Map<number, Buffer>();
  let received = 0;
  const reader = new FrameReader((type, bits, stream, payload) => {
    if (type === frameTypes.settings && (bits & flags.ack) === 0) writer.write(frames.settingsAck());
    if (type !== frameTypes.data) return;
    received += payload.length;
    if (received > initialWindowBytes / 2) {
      writer.write(frames.windowUpdate(0, received));
      received = 0;
    }
    const request = Buffer.concat([bodies.get(stream) ?? Buffer.alloc(0), payload]);
    bodies.set(stream, request);
    if ((bits & flags.endStream) === 0) return;
    bodies.delete(stream);
    writer.write(frames.headers(stream, responseBlock, false));
    for (const message of messagesFor(request)) writer.write(frames.data(stream, message, false));
    writer.write(frames.headers(stream, trailerBlock, true));
  });
  let skipped = 0;
  socket.on('data', (bytes: Buffer) => {
    const rest = Math.min(bytes.length, preface.length - skipped);
    skipped += rest;
    if (rest < bytes.length) reader.push(bytes.subarray(rest));
  });
}

createServer(serve).listen(path, () => process.stdout.write('ready\n'));

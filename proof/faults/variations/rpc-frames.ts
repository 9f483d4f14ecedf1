import { variations } from '../../harness/fault.ts';
import { defaultsOf, onEncodedFields, withWideLength } from '../changes/encoding.ts';
import { frameFlags, frameTypes, onSentFrames, onSentPieces, piecesOf } from '../changes/frames.ts';
import { onAnswerFields, onCallConnections, onCallStreams } from '../changes/http2.ts';
import { channelOptions } from '../changes/runtime.ts';

/** Empty frames that a connection may have. Node ends a connection with more than 1000 of them. */
const maxEmptyFrames = 500;
/** Settings that no specification defines, and the extended CONNECT method (RFC 8441). */
const moreSettings = Buffer.from('0a0a00000001fe0300000001000800000001', 'hex');
const unknownFrame = { type: 0xfa, flags: 0xff, payload: Buffer.from('grease') };
/** A GOAWAY that still accepts every call: the highest id of a stream, and NO_ERROR. */
const goawayOfLaterStreams = Buffer.from('7fffffff00000000', 'hex');

/** Variations of HTTP/2 and gRPC below the messages. */
export const rpcFramesVariations = variations([
  {
    name: 'header-blocks-in-several-frames',
    clause: 'RPC-1',
    about: 'The runtime continues every header block in CONTINUATION frames',
    hooks: onSentFrames(() => (frame) => {
      const { type, flags, stream, payload } = frame;
      const isWhole = (flags & frameFlags.endHeaders) !== 0 && payload.length > 1;
      if (type !== frameTypes.headers || !isWhole) return [frame];
      const pieces = piecesOf(payload, Math.ceil(payload.length / 4));
      return pieces.map((piece, index) => ({
        type: index === 0 ? frameTypes.headers : frameTypes.continuation,
        flags:
          (index === 0 ? flags & ~frameFlags.endHeaders : 0) |
          (index === pieces.length - 1 ? frameFlags.endHeaders : 0),
        stream,
        payload: piece,
      }));
    }),
  },
  {
    name: 'messages-in-small-frames',
    clause: 'RPC-1',
    about: 'The runtime sends messages in DATA frames of 3 bytes, and long messages in frames of 1,000 bytes',
    hooks: onSentFrames(() => (frame) => {
      const { type, flags, payload } = frame;
      if (type !== frameTypes.data || (flags & frameFlags.padded) !== 0) return [frame];
      const pieces = piecesOf(payload, payload.length < 2000 ? 3 : 1000);
      return pieces.map((piece, index) => ({
        ...frame,
        flags: index === pieces.length - 1 ? flags : 0,
        payload: piece,
      }));
    }),
  },
  {
    name: 'empty-frames-before-messages',
    clause: 'RPC-1',
    about: 'The runtime sends an empty DATA frame before the DATA frames of a call',
    hooks: onSentFrames(() => {
      let sent = 0;
      return (frame) => {
        if (frame.type !== frameTypes.data || sent === maxEmptyFrames) return [frame];
        sent += 1;
        return [{ ...frame, flags: 0, payload: Buffer.alloc(0) }, frame];
      };
    }),
  },
  {
    name: 'frames-of-unknown-types',
    clause: 'RPC-1',
    about: 'The runtime sends frames of unknown types on connections and calls',
    hooks: onSentFrames(() => (frame) => {
      if (frame.type !== frameTypes.headers) return [frame];
      return [{ ...unknownFrame, stream: 0 }, frame, { ...unknownFrame, stream: frame.stream }].slice(
        0,
        (frame.flags & frameFlags.endHeaders) === 0 ? 2 : 3,
      );
    }),
  },
  {
    name: 'settings-nobody-knows',
    clause: 'RPC-1',
    about: 'The runtime sends unknown settings',
    hooks: onSentFrames(() => (frame) => {
      const isSettings = frame.type === frameTypes.settings && (frame.flags & frameFlags.ack) === 0;
      return [isSettings ? { ...frame, payload: Buffer.concat([frame.payload, moreSettings]) } : frame];
    }),
  },
  {
    name: 'writes-in-pieces',
    clause: 'RPC-1',
    about: 'The runtime writes the first bytes of a frame, and the rest a moment later',
    hooks: onSentPieces((bytes) =>
      bytes.length < 2 ? [bytes] : [bytes.subarray(0, 4), bytes.subarray(4, 10), bytes.subarray(10)],
    ),
  },
  {
    name: 'windows-of-one-kibibyte',
    clause: 'RPC-1',
    about: 'The runtime lets clients send 1 KiB of a request before it reads on',
    hooks: onCallConnections((session) => session.settings({ initialWindowSize: 1024 })),
  },
  {
    name: 'settings-that-change',
    clause: 'RPC-1',
    about: 'The runtime changes its settings while calls are open',
    hooks: onCallConnections((session) => {
      session.settings({ maxFrameSize: 1024 * 1024, headerTableSize: 0, maxConcurrentStreams: 2000 });
      session.settings({ maxFrameSize: 2 ** 24 - 1, headerTableSize: 65_536, maxConcurrentStreams: 1000 });
      session.settings({ initialWindowSize: 1024 * 1024, maxHeaderListSize: 1024 * 1024 });
    }),
  },
  {
    name: 'idle-connections-end',
    clause: 'RPC-11',
    about: 'The runtime sends GOAWAY on a connection that has no call for 50 ms',
    hooks: channelOptions({ 'grpc.max_connection_idle_ms': 50 }),
  },
  {
    name: 'goaway-in-two-steps',
    clause: 'RPC-11',
    about: 'The runtime announces the end of a connection with a first GOAWAY, and ends it with a second one',
    hooks: {
      ...channelOptions({ 'grpc.max_connection_age_ms': 50, 'grpc.max_connection_age_grace_ms': 60_000 }),
      ...onSentFrames(() => {
        let isFirst = true;
        return (frame) => {
          if (frame.type !== frameTypes.goaway || !isFirst) return [frame];
          isFirst = false;
          return [{ ...frame, payload: goawayOfLaterStreams }, frame];
        };
      }),
    },
  },
  {
    name: 'statuses-after-a-while',
    clause: 'RPC-1',
    about: 'The runtime sends the status of a call 20 ms after its last message',
    hooks: onCallStreams((stream) => {
      const sendTrailers = stream.sendTrailers.bind(stream);
      stream.sendTrailers = (fields) => {
        setTimeout(() => !stream.destroyed && sendTrailers(fields), 20);
      };
    }),
  },
  {
    name: 'answers-with-fields-of-grpc-go',
    clause: 'RPC-1',
    about: 'The runtime answers with the media type application/grpc and without other fields of gRPC',
    hooks: onAnswerFields(({ 'grpc-encoding': _, 'grpc-accept-encoding': __, ...fields }) =>
      fields['content-type'] === undefined ? fields : { ...fields, 'content-type': 'application/grpc' },
    ),
  },
  {
    name: 'fields-in-reverse-order',
    clause: 'RPC-1',
    about: 'The runtime encodes the fields of messages and the entries of maps in reverse order',
    hooks: onEncodedFields((fields) => fields.toReversed()),
  },
  {
    name: 'defaults-written-out',
    clause: 'RPC-1',
    about: 'The runtime encodes fields that have their default value',
    hooks: onEncodedFields((fields, message) => [...defaultsOf(message, fields), ...fields]),
  },
  {
    name: 'lengths-in-five-bytes',
    clause: 'RPC-1',
    about: 'The runtime encodes each length in a message as a varint of five bytes',
    hooks: onEncodedFields((fields) => fields.map(withWideLength)),
  },
]);

import type { ServerHttp2Stream } from 'node:http2';
import { guardCalls } from '../../../reference-runtime/grpc/signals.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { isNestedDeeper } from '../../../reference-runtime/mcp/json-token.ts';
import { hasWiderObject } from '../../../reference-runtime/mcp/widest-object.ts';
import { type Hooks, variations } from '../../harness/fault.ts';
import { changeFields, changeStatus, onHttp2 } from '../changes/http2.ts';
import { channelOptions, onUnary, refuse } from '../changes/runtime.ts';

/** Refuses an oversized request body with a gRPC status. */
function refuseOversizedWith(code: number): Hooks {
  return onUnary((handler) => (call, callback) => {
    handler(call, (error, response, ...rest) => {
      if (response?.status === 413) callback({ code, details: 'Too large' });
      else callback(error, response, ...rest);
    });
  });
}

/** Variations of limits. */
export const limitVariations = variations([
  {
    name: 'bodies-of-one-mebibyte',
    clause: 'LIMIT-1',
    about: 'The runtime refuses request bodies over 1 MiB',
    options: { limits: { maxBodyBytes: 1024 * 1024 } },
  },
  {
    name: 'refused-on-the-layer-of-grpc',
    clause: 'LIMIT-2',
    about: 'The runtime refuses an oversized request body with RESOURCE_EXHAUSTED',
    hooks: refuseOversizedWith(8),
  },
  {
    name: 'refused-as-out-of-range',
    clause: 'LIMIT-2',
    about: 'The runtime refuses an oversized request body with OUT_OF_RANGE',
    hooks: refuseOversizedWith(11),
  },
  {
    name: 'no-response-beyond-4-mib',
    clause: 'LIMIT-3',
    about: 'The runtime fails calls with responses over 4 MiB with RESOURCE_EXHAUSTED',
    hooks: channelOptions({ 'grpc.max_send_message_length': 4 * 1024 * 1024 + 1024 }),
  },
  {
    name: 'compression-has-other-statuses',
    clause: 'LIMIT-4',
    about: 'The runtime refuses compressed messages with the statuses of grpcio and grpc-java',
    process: onHttp2((stream, headers) => {
      const other: Record<string, string> = { '12': '13', '8': '2' };
      if (headers['grpc-encoding'] !== undefined) changeStatus(stream, (status) => other[status] ?? status);
      return headers;
    }),
  },
  {
    name: 'objects-of-1000-members',
    clause: 'LIMIT-5',
    about: 'The runtime refuses objects with more than 1,000 members with 413',
    hooks: {
      parseMessage(body) {
        if (hasWiderObject(body, 1000)) refuse('INVALID_ARGUMENT', 413);
        return defaultHooks.parseMessage(body);
      },
    },
  },
  {
    name: 'a-nesting-of-100-levels',
    clause: 'LIMIT-5',
    about: 'The runtime refuses messages with more than 100 levels of nesting',
    hooks: {
      parseMessage(body) {
        const message = defaultHooks.parseMessage(body);
        if (isNestedDeeper(message.text, 100)) refuse('INVALID_ARGUMENT', 400, -32600);
        return message;
      },
    },
  },
  {
    name: 'no-compression-at-all',
    clause: 'LIMIT-4',
    about: 'The runtime knows no compression and refuses every compressed message with UNIMPLEMENTED',
    hooks: {
      interceptors: [
        (method, call) => {
          // grpc-js has no option for the compressions that it accepts.
          if (Reflect.get(call, 'incomingEncoding') !== 'identity')
            Reflect.set(call, 'incomingEncoding', 'none');
          const stream = Reflect.get(call, 'stream') as ServerHttp2Stream;
          changeFields(stream, (fields) =>
            fields['content-type'] === undefined ? fields : { ...fields, 'grpc-accept-encoding': 'identity' },
          );
          return guardCalls(method, call);
        },
      ],
    },
  },
  {
    name: 'messages-of-4-mib',
    clause: 'LIMIT-1',
    about: 'The runtime limits the whole request message to 4 MiB, like most gRPC libraries',
    hooks: channelOptions({ 'grpc.max_receive_message_length': 4 * 1024 * 1024 }),
  },
]);

import { CallRefused } from '../../../reference-runtime/failures/call-refused.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { runtimeFaults } from '../../harness/fault.ts';
import { onRequest } from '../changes/runtime.ts';

/** Faults in compatibility with earlier releases. */
export const compatFaults = runtimeFaults([
  {
    name: 'accept-required',
    clause: 'COMPAT-1',
    about: 'The runtime requires an accept field, unlike contract release 1.0',
    alsoBreaks: [
      {
        clause: 'COMPAT-2',
        reason: 'It also distinguishes a field with its default value from a missing one.',
      },
    ],
    hooks: {
      readHeaders(fields) {
        const headers = defaultHooks.readHeaders(fields);
        if (headers.size === 0) throw new CallRefused('INVALID_ARGUMENT', 'headers: accept is missing');
        return headers;
      },
    },
  },
  {
    name: 'session-and-server-swapped',
    clause: 'COMPAT-2',
    about: 'The runtime swaps the field numbers of server_id and session_id',
    hooks: onRequest((request) => {
      const { serverId, sessionId } = request;
      Object.assign(request, { serverId: sessionId, sessionId: serverId });
    }),
  },
  {
    name: 'header-order-expected',
    clause: 'COMPAT-2',
    about: 'The runtime requires protobuf fields in the order of their numbers',
    hooks: {
      decodeRequest(bytes) {
        const request = defaultHooks.decodeRequest(bytes);
        const first = bytes[0];
        if (first !== undefined && first >> 3 > 4) throw new Error('field out of order');
        return request;
      },
    },
  },
]);

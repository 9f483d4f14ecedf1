import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { UnreadableClaims } from '../../../reference-runtime/identity/claims.ts';
import { variations } from '../../harness/fault.ts';
import { onRequest, refuse } from '../changes/runtime.ts';

/** Variations of identity. */
export const authVariations = variations([
  {
    name: 'unreadable-contexts-are-bad-requests',
    clause: 'AUTH-4',
    about: 'The runtime answers an unreadable auth context with 400',
    hooks: {
      decodeClaims(encoded) {
        try {
          return defaultHooks.decodeClaims(encoded);
        } catch {
          return refuse('INVALID_ARGUMENT');
        }
      },
    },
  },
  {
    name: 'padding-refused',
    clause: 'AUTH-4',
    about: 'The runtime refuses an auth context with padding',
    hooks: {
      decodeClaims(encoded) {
        if (encoded.endsWith('=')) throw new UnreadableClaims('has padding');
        return defaultHooks.decodeClaims(encoded);
      },
    },
  },
  {
    name: 'no-anonymous-callers',
    clause: 'AUTH-6',
    about: 'The runtime refuses anonymous callers with 401',
    options: { anonymous: 'refuse' },
  },
  {
    name: 'anonymous-callers-forbidden',
    clause: 'AUTH-6',
    about: 'The runtime refuses anonymous callers with 403',
    options: { anonymous: 'refuse' },
    hooks: {
      isHandshake(call, message) {
        const isHandshake = defaultHooks.isHandshake(call, message);
        if (isHandshake && call.authContext === undefined) refuse('PERMISSION_DENIED');
        return isHandshake;
      },
    },
  },
  {
    name: 'says-much',
    clause: 'AUTH-11',
    about: 'The runtime continuously logs coloured plain text to stdout and stderr',
    process: (serve) => {
      const write = () => {
        process.stdout.write('\u001b[32mINFO\u001b[0m still here, ünïcödé and all, without a line end');
        process.stderr.write(`WARN ${'x'.repeat(500)}\r\n\n`);
      };
      setInterval(write, 5).unref();
      return serve();
    },
  },
  {
    name: 'logs-every-call',
    clause: 'AUTH-11',
    about: 'The runtime logs the path, the session, the scope and the names of header fields of every call',
    hooks: onRequest(({ method, path, serverId, sessionId, headers }) => {
      const line = JSON.stringify({ method, path, serverId, sessionId, fields: Object.keys(headers) });
      process.stderr.write(`${line}\n`);
    }),
    process: (serve) => serve(),
  },
]);

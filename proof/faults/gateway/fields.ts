import type { GatewayRequest, NodeHandler } from '../../../gateway/index.ts';
import { type GatewayChange, gatewayFaults } from '../../harness/fault.ts';
import { fieldOf, withFields } from '../changes/gateway.ts';

/** Fields with these names get to the runtime. */
function letThrough(isMeant: (name: string) => boolean): Pick<GatewayChange, 'message'> {
  return { message: (message, http) => withFields(message, http, isMeant) };
}

/** Fields with these names do not get to the runtime. */
function dropped(isMeant: (name: string) => boolean): Pick<GatewayChange, 'message'> {
  return {
    message: (message) => ({
      ...message,
      headers: Object.fromEntries(Object.entries(message.headers).filter(([name]) => !isMeant(name))),
    }),
  };
}

/** All values of a header field, joined in another way. */
function joined(by: (values: readonly string[]) => string): Pick<GatewayChange, 'message'> {
  return {
    message: (message, http) => ({
      ...message,
      headers: Object.fromEntries(
        Object.entries(message.headers).map(([name, value]) => {
          const values = http.headers.filter(([field]) => field.toLowerCase() === name);
          return [name, values.length > 1 ? by(values.map(([, each]) => each.trim())) : value];
        }),
      ),
    }),
  };
}

/** Trailer fields become header fields once the body has been read. */
function withTrailers(next: NodeHandler): NodeHandler {
  return (incoming, outgoing) => {
    if (incoming.headers.trailer === undefined) {
      next(incoming, outgoing);
      return;
    }
    const pieces: Buffer[] = [];
    incoming.on('data', (bytes: Buffer) => pieces.push(bytes));
    incoming.once('end', () => {
      incoming.rawHeaders.push(...incoming.rawTrailers);
      incoming.iterator = async function* () {
        yield* pieces;
      } as typeof incoming.iterator;
      next(incoming, outgoing);
    });
  };
}

const known = /^(accept|content-type|mcp-.*|last-event-id|traceparent|tracestate)$/;

const nominated = ({ headers }: GatewayRequest) =>
  headers
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.split(','))
    .map((name) => name.trim().toLowerCase());

/** Faults of the header fields of the request. */
export const fieldFaults = gatewayFaults([
  {
    name: 'known-fields-alone',
    clause: 'GW-12',
    about: 'Only fields that the gateway knows reach the runtime',
    ...dropped((name) => !known.test(name)),
  },
  {
    name: 'event-id-dropped',
    clause: 'GW-12',
    about: 'last-event-id does not reach the runtime',
    ...dropped((name) => name === 'last-event-id'),
  },
  {
    name: 'names-as-they-came',
    clause: 'GW-12',
    about: 'Names keep the case that they came in',
    message: (message, http) => ({
      ...message,
      headers: Object.fromEntries(
        Object.entries(message.headers).map(([name, value]) => [
          http.headers.find(([field]) => field.toLowerCase() === name)?.[0] ?? name,
          value,
        ]),
      ),
    }),
  },
  {
    name: 'values-in-lower-case',
    clause: 'GW-12',
    about: 'Values are written in lower-case',
    message: (message) => ({
      ...message,
      headers: Object.fromEntries(
        Object.entries(message.headers).map(([name, value]) => [name, value.toLowerCase()]),
      ),
    }),
  },
  {
    name: 'white-space-within-values',
    clause: 'GW-12',
    about: 'White space within a value is squeezed',
    message: (message) => ({
      ...message,
      headers: Object.fromEntries(
        Object.entries(message.headers).map(([name, value]) => [name, value.replace(/\s+/g, ' ')]),
      ),
    }),
  },
  {
    name: 'last-of-several',
    clause: 'GW-13',
    about: 'Of a repeated field the last value counts',
    ...joined((values) => values.at(-1) ?? ''),
  },
  {
    name: 'first-of-several',
    clause: 'GW-13',
    about: 'Of a repeated field the first value counts',
    ...joined(([first = '']) => first),
  },
  {
    name: 'joined-without-a-blank',
    clause: 'GW-13',
    about: 'Values are joined with a comma alone',
    ...joined((values) => values.join(',')),
  },
  {
    name: 'joined-in-reverse',
    clause: 'GW-13',
    about: 'Values are joined in reverse order',
    ...joined((values) => values.toReversed().join(', ')),
  },
  {
    name: 'cookies-pass',
    clause: 'GW-14',
    about: 'Cookies reach the runtime',
    ...letThrough((name) => /^cookie$/i.test(name)),
  },
  {
    name: 'credentials-pass',
    clause: 'GW-14',
    about: 'The credentials of the caller reach the runtime',
    ...letThrough((name) => /^authorization$/i.test(name)),
  },
  {
    name: 'te-passes',
    clause: 'GW-15',
    about: 'te reaches the runtime',
    ...letThrough((name) => /^te$/i.test(name)),
  },
  {
    name: 'host-passes',
    clause: 'GW-15',
    about: 'host reaches the runtime',
    ...letThrough((name) => /^host$/i.test(name)),
  },
  {
    name: 'length-passes',
    clause: 'GW-15',
    about: 'content-length and transfer-encoding reach the runtime',
    ...letThrough((name) => /^(content-length|transfer-encoding)$/i.test(name)),
  },
  {
    name: 'connection-names-nothing',
    clause: 'GW-15',
    about: 'What Connection names reaches the runtime',
    message: (message, http) => {
      const names = nominated(http).filter((name) => name.startsWith('x-'));
      return withFields(message, http, (name) => names.includes(name.toLowerCase()));
    },
  },
  {
    name: 'first-connection-field',
    clause: 'GW-15',
    about: 'Of several Connection fields the first one counts',
    message: (message, http) => withFields(message, http, (name) => name.toLowerCase() === 'x-third-hop'),
  },
  {
    name: 'proxy-credentials-pass',
    clause: 'GW-15',
    about: 'proxy-authorization reaches the runtime',
    ...letThrough((name) => /^proxy-authorization$/i.test(name)),
  },
  {
    name: 'forwarded-passes',
    clause: 'GW-16',
    about: 'forwarded reaches the runtime',
    ...letThrough((name) => /^forwarded$/i.test(name)),
  },
  {
    name: 'forwarded-for-passes',
    clause: 'GW-16',
    about: 'x-forwarded-for reaches the runtime',
    ...letThrough((name) => /^x-forwarded-for$/i.test(name)),
  },
  {
    name: 'known-forwarding-fields-alone',
    clause: 'GW-16',
    about: 'Forwarding fields that the gateway does not know reach the runtime',
    ...letThrough((name) => /^x-forwarded-(?!for|host|proto|port|internally)/i.test(name)),
  },
  {
    name: 'internal-fields-pass',
    clause: 'GW-17',
    about: 'x-contextforge-* reaches the runtime',
    ...letThrough((name) => /^x-contextforge-/i.test(name)),
  },
  {
    name: 'internal-fields-pass-in-capitals',
    clause: 'GW-17',
    about: 'X-CONTEXTFORGE-* in capitals reaches the runtime',
    ...letThrough((name) => name.startsWith('X-CONTEXTFORGE-')),
  },
  {
    name: 'internal-fields-pass-with-underscores',
    clause: 'GW-17',
    about: 'Internal fields with underscores reach the runtime',
    ...letThrough((name) => /^x_(contextforge|mcp_session_id|original_worker)/i.test(name)),
  },
  {
    name: 'known-internal-fields-alone',
    clause: 'GW-17',
    about: 'Internal fields that the gateway does not know reach the runtime',
    ...letThrough((name) => /^x-contextforge-(?!auth|server|session|pre)/i.test(name)),
  },
  {
    name: 'internal-session-passes',
    clause: 'GW-17',
    about: 'x-mcp-session-id reaches the runtime',
    ...letThrough((name) => /^x-mcp-session-id$/i.test(name)),
  },
  {
    name: 'original-worker-passes',
    clause: 'GW-17',
    about: 'x-original-worker reaches the runtime',
    ...letThrough((name) => /^x-original-worker$/i.test(name)),
  },
  {
    name: 'internal-fields-pass-when-repeated',
    clause: 'GW-17',
    about: 'The second of two internal fields reaches the runtime',
    message: (message, http) => {
      const names = http.headers.map(([name]) => name.toLowerCase());
      const repeated = names.filter((name, index) => names.indexOf(name) !== index);
      return withFields(message, http, (name) => {
        const lower = name.toLowerCase();
        return lower.startsWith('x-contextforge-') && repeated.includes(lower);
      });
    },
  },
  {
    name: 'misspelt-fields-pass',
    clause: 'GW-17',
    about: 'An internal field after a bare line feed is one to the server, and reaches the runtime',
    server: { insecureHTTPParser: true },
    message: (message, http) =>
      fieldOf(http, 'x-other') === undefined
        ? message
        : withFields(message, http, (name) => /^x-contextforge-/i.test(name)),
  },
  {
    name: 'internal-fields-pass-on-streams',
    clause: 'GW-17',
    about: 'Internal fields reach the runtime on GET',
    message: (message, http) =>
      http.method === 'GET' ? withFields(message, http, (name) => /^x-contextforge-/i.test(name)) : message,
  },
  {
    name: 'values-of-any-bytes',
    clause: 'GW-18',
    about: 'A value outside visible ASCII goes on as it is',
    ...letThrough((name) => /^x-value$/i.test(name)),
  },
  {
    name: 'trailers-are-headers',
    clause: 'GW-19',
    about: 'Trailer fields become header fields',
    handler: withTrailers,
  },
  {
    name: 'trace-dropped',
    clause: 'GW-20',
    about: 'traceparent does not reach the runtime',
    ...dropped((name) => name === 'traceparent'),
  },
  {
    name: 'trace-begun-anew',
    clause: 'GW-20',
    about: 'Every request begins a trace of its own',
    message: (message, http) =>
      fieldOf(http, 'traceparent') === undefined
        ? message
        : {
            ...message,
            headers: {
              ...message.headers,
              traceparent: '00-00000000000000000000000000000001-0000000000000001-01',
            },
          },
  },
  {
    name: 'trace-state-dropped',
    clause: 'GW-20',
    about: 'tracestate does not reach the runtime',
    ...dropped((name) => name === 'tracestate'),
  },
]);

import type { GatewayRequest, NodeHandler } from '../../../gateway/index.ts';
import { type GatewayChange, gatewayFaults } from '../../harness/fault.ts';
import { fieldOf, withFields } from '../changes/gateway.ts';

/** Forwards fields with matching names. */
function forwarded(isSelected: (name: string) => boolean): Pick<GatewayChange, 'message'> {
  return { message: (message, http) => withFields(message, http, isSelected) };
}

/** Drops fields with matching names. */
function dropped(isSelected: (name: string) => boolean): Pick<GatewayChange, 'message'> {
  return {
    message: (message) => ({
      ...message,
      headers: Object.fromEntries(Object.entries(message.headers).filter(([name]) => !isSelected(name))),
    }),
  };
}

/** Joins the values of a repeated field with another function. */
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

/** Adds trailer fields to the header fields after the body has arrived. */
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

/** Faults in the header fields of the request. */
export const fieldFaults = gatewayFaults([
  {
    name: 'known-fields-alone',
    clause: 'GW-12',
    about: 'The gateway drops header fields that it does not know',
    ...dropped((name) => !known.test(name)),
  },
  {
    name: 'event-id-dropped',
    clause: 'GW-12',
    about: 'The gateway drops the last-event-id field',
    ...dropped((name) => name === 'last-event-id'),
  },
  {
    name: 'names-as-they-came',
    clause: 'GW-12',
    about: 'The gateway keeps the original case of field names',
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
    about: 'The gateway converts field values to lower case',
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
    about: 'The gateway collapses white space in field values',
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
    about: 'The gateway sends only the last value of a repeated field',
    ...joined((values) => values.at(-1) ?? ''),
  },
  {
    name: 'first-of-several',
    clause: 'GW-13',
    about: 'The gateway sends only the first value of a repeated field',
    ...joined(([first = '']) => first),
  },
  {
    name: 'joined-without-a-blank',
    clause: 'GW-13',
    about: 'The gateway joins repeated fields with a comma and without a space',
    ...joined((values) => values.join(',')),
  },
  {
    name: 'joined-in-reverse',
    clause: 'GW-13',
    about: 'The gateway joins repeated fields in reverse order',
    ...joined((values) => values.toReversed().join(', ')),
  },
  {
    name: 'cookies-pass',
    clause: 'GW-14',
    about: 'The gateway forwards cookies',
    ...forwarded((name) => /^cookie$/i.test(name)),
  },
  {
    name: 'credentials-pass',
    clause: 'GW-14',
    about: "The gateway forwards the caller's credentials",
    ...forwarded((name) => /^authorization$/i.test(name)),
  },
  {
    name: 'te-passes',
    clause: 'GW-15',
    about: 'The gateway forwards the te field',
    ...forwarded((name) => /^te$/i.test(name)),
  },
  {
    name: 'host-passes',
    clause: 'GW-15',
    about: 'The gateway forwards the host field',
    ...forwarded((name) => /^host$/i.test(name)),
  },
  {
    name: 'length-passes',
    clause: 'GW-15',
    about: 'The gateway forwards content-length and transfer-encoding',
    ...forwarded((name) => /^(content-length|transfer-encoding)$/i.test(name)),
  },
  {
    name: 'connection-names-nothing',
    clause: 'GW-15',
    about: 'The gateway forwards fields that the connection field names',
    message: (message, http) => {
      const names = nominated(http).filter((name) => name.startsWith('x-'));
      return withFields(message, http, (name) => names.includes(name.toLowerCase()));
    },
  },
  {
    name: 'first-connection-field',
    clause: 'GW-15',
    about: 'The gateway reads only the first of several connection fields',
    message: (message, http) => withFields(message, http, (name) => name.toLowerCase() === 'x-third-hop'),
  },
  {
    name: 'proxy-credentials-pass',
    clause: 'GW-15',
    about: 'The gateway forwards proxy-authorization',
    ...forwarded((name) => /^proxy-authorization$/i.test(name)),
  },
  {
    name: 'forwarded-passes',
    clause: 'GW-16',
    about: 'The gateway forwards the forwarded field',
    ...forwarded((name) => /^forwarded$/i.test(name)),
  },
  {
    name: 'forwarded-for-passes',
    clause: 'GW-16',
    about: 'The gateway forwards x-forwarded-for',
    ...forwarded((name) => /^x-forwarded-for$/i.test(name)),
  },
  {
    name: 'known-forwarding-fields-alone',
    clause: 'GW-16',
    about: 'The gateway forwards unknown x-forwarded-* fields',
    ...forwarded((name) => /^x-forwarded-(?!for|host|proto|port|internally)/i.test(name)),
  },
  {
    name: 'internal-fields-pass',
    clause: 'GW-17',
    about: 'The gateway forwards x-contextforge-* fields',
    ...forwarded((name) => /^x-contextforge-/i.test(name)),
  },
  {
    name: 'internal-fields-pass-in-capitals',
    clause: 'GW-17',
    about: 'The gateway forwards X-CONTEXTFORGE-* fields in upper case',
    ...forwarded((name) => name.startsWith('X-CONTEXTFORGE-')),
  },
  {
    name: 'internal-fields-pass-with-underscores',
    clause: 'GW-17',
    about: 'The gateway forwards internal fields with underscores',
    ...forwarded((name) => /^x_(contextforge|mcp_session_id|original_worker)/i.test(name)),
  },
  {
    name: 'known-internal-fields-alone',
    clause: 'GW-17',
    about: 'The gateway forwards unknown internal fields',
    ...forwarded((name) => /^x-contextforge-(?!auth|server|session|pre)/i.test(name)),
  },
  {
    name: 'internal-session-passes',
    clause: 'GW-17',
    about: 'The gateway forwards x-mcp-session-id',
    ...forwarded((name) => /^x-mcp-session-id$/i.test(name)),
  },
  {
    name: 'original-worker-passes',
    clause: 'GW-17',
    about: 'The gateway forwards x-original-worker',
    ...forwarded((name) => /^x-original-worker$/i.test(name)),
  },
  {
    name: 'internal-fields-pass-when-repeated',
    clause: 'GW-17',
    about: 'The gateway forwards the second of two internal fields',
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
    about: 'The gateway accepts a bare line feed before an internal field and forwards the field',
    server: { insecureHTTPParser: true },
    message: (message, http) =>
      fieldOf(http, 'x-other') === undefined
        ? message
        : withFields(message, http, (name) => /^x-contextforge-/i.test(name)),
  },
  {
    name: 'internal-fields-pass-on-streams',
    clause: 'GW-17',
    about: 'The gateway forwards internal fields on GET',
    message: (message, http) =>
      http.method === 'GET' ? withFields(message, http, (name) => /^x-contextforge-/i.test(name)) : message,
  },
  {
    name: 'values-of-any-bytes',
    clause: 'GW-18',
    about: 'The gateway forwards field values outside visible ASCII',
    ...forwarded((name) => /^x-value$/i.test(name)),
  },
  {
    name: 'trailers-are-headers',
    clause: 'GW-19',
    about: 'The gateway forwards trailer fields as header fields',
    handler: withTrailers,
  },
  {
    name: 'trace-dropped',
    clause: 'GW-20',
    about: 'The gateway drops the traceparent field',
    ...dropped((name) => name === 'traceparent'),
  },
  {
    name: 'trace-begun-anew',
    clause: 'GW-20',
    about: 'The gateway starts a new trace for every request',
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
    about: 'The gateway drops the tracestate field',
    ...dropped((name) => name === 'tracestate'),
  },
]);

import { gunzipSync, gzipSync } from 'node:zlib';
import { type GatewayChange, gatewayFaults } from '../../harness/fault.ts';
import { answering, bytesOf, fieldOf, json, streams, unary } from '../changes/gateway.ts';

function withoutField(wanted: string): Pick<GatewayChange, 'answer'> {
  return answering(({ headers }) => ({ headers: headers.filter(([name]) => name.toLowerCase() !== wanted) }));
}

/** Returns fields of the runtime's answer that the gateway would have dropped. */
function passedOn(isSelected: (name: string) => boolean): Pick<GatewayChange, 'connection' | 'answer'> {
  let last: Readonly<Record<string, string>> = {};
  return {
    ...unary(async (call, request) => {
      const response = await call(request);
      last = response.headers;
      return response;
    }),
    ...answering(({ headers }) => ({
      headers: [...headers, ...Object.entries(last).filter(([name]) => isSelected(name))],
    })),
  };
}

/** Faults in the answer to the caller. */
export const answerFaults = gatewayFaults([
  {
    name: 'created-is-ok',
    clause: 'GW-28',
    about: 'The gateway replaces every status from 200 to 299 with 200',
    ...unary(async (call, request) => {
      const response = await call(request);
      return response.status < 300 ? { ...response, status: 200 } : response;
    }),
  },
  {
    name: 'server-errors-are-bad-gateway',
    clause: 'GW-28',
    about: 'The gateway replaces every status over 499 with 502',
    ...unary(async (call, request) => {
      const response = await call(request);
      return response.status >= 500 ? { ...response, status: 502 } : response;
    }),
  },
  {
    name: 'session-id-lost',
    clause: 'GW-28',
    about: 'The gateway drops mcp-session-id from the response',
    ...withoutField('mcp-session-id'),
  },
  {
    name: 'challenge-lost',
    clause: 'GW-28',
    about: 'The gateway drops www-authenticate from the response',
    ...withoutField('www-authenticate'),
  },
  {
    name: 'answer-written-anew',
    clause: 'GW-28',
    about: 'The gateway reserialises a JSON response body',
    ...unary(async (call, request) => {
      const response = await call(request);
      try {
        return { ...response, body: bytesOf(JSON.parse(Buffer.from(response.body).toString())) };
      } catch {
        return response;
      }
    }),
  },
  {
    name: 'answer-as-text',
    clause: 'GW-28',
    about: 'The gateway decodes a response body as text',
    ...unary(async (call, request) => {
      const response = await call(request);
      return { ...response, body: Buffer.from(Buffer.from(response.body).toString()) };
    }),
  },
  {
    name: 'errors-without-a-body',
    clause: 'GW-28',
    about: 'The gateway drops the body of a runtime error',
    ...unary(async (call, request) => {
      const response = await call(request);
      return response.status >= 400 ? { ...response, body: new Uint8Array() } : response;
    }),
  },
  {
    name: 'events-are-json',
    clause: 'GW-28',
    about: 'The gateway labels an SSE body application/json',
    ...unary(async (call, request) => {
      const response = await call(request);
      return response.headers['content-type'] === 'text/event-stream'
        ? { ...response, headers: { ...response.headers, ...json } }
        : response;
    }),
  },
  {
    name: 'answers-compressed',
    clause: 'GW-28',
    about: 'The gateway compresses a response body for callers that accept gzip',
    answer: (answer, http) =>
      answer.body instanceof Uint8Array && fieldOf(http, 'accept-encoding')?.includes('gzip')
        ? {
            ...answer,
            headers: [...answer.headers, ['content-encoding', 'gzip']],
            body: gzipSync(answer.body),
          }
        : answer,
  },
  {
    name: 'answers-decompressed',
    clause: 'GW-28',
    about: 'The gateway decompresses a body that the runtime compressed',
    ...unary(async (call, request) => {
      const response = await call(request);
      const { 'content-encoding': coding, ...headers } = response.headers;
      return coding === 'gzip' ? { ...response, headers, body: gunzipSync(response.body) } : response;
    }),
  },
  {
    name: 'lengths-come-back',
    clause: 'GW-29',
    about: "The gateway returns the runtime's content-length",
    ...passedOn((name) => /^content-length$/i.test(name)),
  },
  {
    name: 'hop-by-hop-comes-back',
    clause: 'GW-29',
    about: 'The gateway forwards the te and proxy-authenticate fields of the response',
    ...passedOn((name) => /^(te|proxy-authenticate)$/.test(name)),
  },
  {
    name: 'nominated-comes-back',
    clause: 'GW-29',
    about: "The gateway returns fields that the runtime's connection field names",
    ...passedOn((name) => name === 'x-hop'),
  },
  {
    name: 'impossible-status-is-internal',
    clause: 'GW-30',
    about: 'The gateway answers an invalid runtime status with 500',
    ...unary(async (call, request) => {
      const response = await call(request);
      return response.status < 200 || response.status > 599 ? { ...response, status: 500 } : response;
    }),
  },
  {
    name: 'impossible-fields-mended',
    clause: 'GW-30',
    about: 'The gateway replaces a line break in a response field with a space',
    ...unary(async (call, request) => {
      const response = await call(request);
      const headers = Object.entries(response.headers).map(([name, value]) => [
        name,
        value.replace(/[\r\n]+/g, ' '),
      ]);
      return { ...response, headers: Object.fromEntries(headers) };
    }),
  },
  {
    name: 'fields-split',
    clause: 'GW-30',
    about: 'The gateway splits a response field at a line break',
    ...passedOnSplit(),
  },
  {
    name: 'impossible-heads-are-internal',
    clause: 'GW-30',
    about: 'The gateway answers an invalid status in a stream head with 500',
    ...streams({
      head: async (stream) => {
        const head = await stream.head;
        return head.status < 200 || head.status > 599 ? { ...head, status: 500 } : head;
      },
    }),
  },
  {
    name: 'ten-at-a-time',
    clause: 'GW-39',
    about: 'The gateway serves at most ten requests at a time',
    around: () => (next) => {
      let free = 10;
      const waiting: (() => void)[] = [];
      return async (request) => {
        if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
        else free -= 1;
        try {
          return await next(request);
        } finally {
          const first = waiting.shift();
          if (first === undefined) free += 1;
          else first();
        }
      };
    },
  },
  {
    name: 'one-at-a-time',
    clause: 'GW-39',
    about: 'The gateway serves requests one at a time',
    around: () => (next) => {
      let last: Promise<unknown> = Promise.resolve();
      return (request) => {
        const mine = last.then(() => next(request));
        last = mine.catch(() => undefined);
        return mine;
      };
    },
  },
  {
    name: 'answers-in-order',
    clause: 'GW-39',
    about: 'The gateway sends responses in the order of the requests',
    around: () => (next) => {
      let last: Promise<unknown> = Promise.resolve();
      return (request) => {
        const before = last;
        const mine = next(request);
        last = Promise.allSettled([before, mine]);
        return before.then(() => mine);
      };
    },
  },
  {
    name: 'ten-streams',
    clause: 'GW-39',
    about: 'The gateway opens at most ten streams at a time',
    around: () => (next) => {
      let open = 0;
      return async (request) => {
        if (request.method !== 'GET') return next(request);
        open += 1;
        request.signal.addEventListener('abort', () => (open -= 1), { once: true });
        return open > 10 ? { status: 503, headers: [], body: new Uint8Array() } : next(request);
      };
    },
  },
]);

/** Splits a field with a line break into two fields. */
function passedOnSplit(): Pick<GatewayChange, 'connection'> {
  return unary(async (call, request) => {
    const response = await call(request);
    const headers = Object.entries(response.headers).flatMap(([name, value]) => {
      const [first = '', second] = value.split(/[\r\n]+/);
      const [other = '', text = ''] = second?.split(': ') ?? [];
      return second === undefined
        ? [[name, value]]
        : [
            [name, first],
            [other.toLowerCase(), text],
          ];
    });
    return { ...response, headers: Object.fromEntries(headers) };
  });
}

import { gunzipSync, gzipSync } from 'node:zlib';
import { type GatewayChange, gatewayFaults } from '../../harness/fault.ts';
import { answering, bytesOf, fieldOf, json, streams, unary } from '../changes/gateway.ts';

function withoutField(wanted: string): Pick<GatewayChange, 'answer'> {
  return answering(({ headers }) => ({ headers: headers.filter(([name]) => name.toLowerCase() !== wanted) }));
}

/** Fields of the runtime's answer that the gateway would not have passed on, passed on. */
function passedOn(isMeant: (name: string) => boolean): Pick<GatewayChange, 'connection' | 'answer'> {
  let last: Readonly<Record<string, string>> = {};
  return {
    ...unary(async (call, request) => {
      const response = await call(request);
      last = response.headers;
      return response;
    }),
    ...answering(({ headers }) => ({
      headers: [...headers, ...Object.entries(last).filter(([name]) => isMeant(name))],
    })),
  };
}

/** Faults of the answer that the caller gets. */
export const answerFaults = gatewayFaults([
  {
    name: 'created-is-ok',
    clause: 'GW-28',
    about: 'Every status from 200 to 299 comes back as 200',
    ...unary(async (call, request) => {
      const response = await call(request);
      return response.status < 300 ? { ...response, status: 200 } : response;
    }),
  },
  {
    name: 'server-errors-are-bad-gateway',
    clause: 'GW-28',
    about: 'A status from 500 of the runtime comes back as 502',
    ...unary(async (call, request) => {
      const response = await call(request);
      return response.status >= 500 ? { ...response, status: 502 } : response;
    }),
  },
  {
    name: 'session-id-lost',
    clause: 'GW-28',
    about: 'mcp-session-id does not come back',
    ...withoutField('mcp-session-id'),
  },
  {
    name: 'challenge-lost',
    clause: 'GW-28',
    about: 'www-authenticate does not come back',
    ...withoutField('www-authenticate'),
  },
  {
    name: 'answer-written-anew',
    clause: 'GW-28',
    about: 'A JSON body is parsed and written anew',
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
    about: 'A body goes through text on its way back',
    ...unary(async (call, request) => {
      const response = await call(request);
      return { ...response, body: Buffer.from(Buffer.from(response.body).toString()) };
    }),
  },
  {
    name: 'errors-without-a-body',
    clause: 'GW-28',
    about: 'The body of an error of the runtime does not come back',
    ...unary(async (call, request) => {
      const response = await call(request);
      return response.status >= 400 ? { ...response, body: new Uint8Array() } : response;
    }),
  },
  {
    name: 'events-are-json',
    clause: 'GW-28',
    about: 'A body in SSE comes back as JSON',
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
    about: 'A body is compressed for those who take it so',
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
    about: 'A body that the runtime has compressed comes back as it was before',
    ...unary(async (call, request) => {
      const response = await call(request);
      const { 'content-encoding': coding, ...headers } = response.headers;
      return coding === 'gzip' ? { ...response, headers, body: gunzipSync(response.body) } : response;
    }),
  },
  {
    name: 'lengths-come-back',
    clause: 'GW-29',
    about: 'A content-length of the runtime comes back',
    ...passedOn((name) => /^content-length$/i.test(name)),
  },
  {
    name: 'hop-by-hop-comes-back',
    clause: 'GW-29',
    about: 'te and proxy-authenticate of the runtime come back',
    ...passedOn((name) => /^(te|proxy-authenticate)$/.test(name)),
  },
  {
    name: 'nominated-comes-back',
    clause: 'GW-29',
    about: "What the runtime's connection field names comes back",
    ...passedOn((name) => name === 'x-hop'),
  },
  {
    name: 'impossible-status-is-internal',
    clause: 'GW-30',
    about: 'A status that HTTP does not have is answered 500',
    ...unary(async (call, request) => {
      const response = await call(request);
      return response.status < 200 || response.status > 599 ? { ...response, status: 500 } : response;
    }),
  },
  {
    name: 'impossible-fields-mended',
    clause: 'GW-30',
    about: 'A field with a line break comes back with a blank in its place',
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
    about: 'A field with a line break becomes two',
    ...passedOnSplit(),
  },
  {
    name: 'impossible-heads-are-internal',
    clause: 'GW-30',
    about: 'A head with a status that HTTP does not have is answered 500',
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
    about: 'No more than ten requests are served at a time',
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
    about: 'A request waits for the one before it',
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
    about: 'Answers go out in the order of the requests',
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
    about: 'No more than ten streams are open at a time',
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

/** A field whose value has a line break, as two fields. */
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

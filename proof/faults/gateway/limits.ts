import { gatewayFaults } from '../../harness/fault.ts';
import { noDeadlineMs } from '../../harness/gateway-wire.ts';
import { around, streams, unaryOptions } from '../changes/gateway.ts';

/** Faults in deadlines and body sizes. */
export const limitFaults = gatewayFaults([
  {
    name: 'deadline-is-a-timeout',
    clause: 'GW-46',
    about: 'The gateway answers an exceeded deadline with 504',
    around: () => (next) => async (request) => {
      const startedAt = performance.now();
      const answer = await next(request);
      return answer.status === 502 && performance.now() - startedAt > 2000
        ? { ...answer, status: 504 }
        : answer;
    },
  },
  {
    name: 'no-deadline',
    clause: 'GW-46',
    about: 'The gateway calls Invoke and CloseSession without a deadline',
    ...unaryOptions((options) => ({ ...options, deadlineMs: noDeadlineMs })),
  },
  {
    name: 'no-deadline-of-health',
    clause: 'GW-46',
    about: 'The gateway calls HealthCheck without a deadline',
    connection: (inner) =>
      around(inner, {
        healthCheck: (options) => inner.healthCheck({ ...options, deadlineMs: noDeadlineMs }),
      }),
  },
  {
    name: 'streams-with-a-deadline',
    clause: 'GW-47',
    about: 'The gateway limits a stream to 5 minutes',
    ...streams({ options: (options) => ({ ...options, deadlineMs: 300_000 }) }),
  },
  {
    name: 'post-streams-with-a-deadline',
    clause: 'GW-47',
    about: 'The gateway limits the stream of a POST to one minute',
    ...streams({
      options: (options, { method }) => (method === 'POST' ? { ...options, deadlineMs: 60_000 } : options),
    }),
  },
  {
    name: 'bodies-of-half-a-mebibyte',
    clause: 'GW-48',
    about: 'The gateway refuses request bodies over 512 KiB',
    options: { limits: { maxBodyBytes: 512 * 1024 } },
  },
  {
    name: 'answers-of-4-mebibytes',
    clause: 'GW-48',
    about: 'The gateway fails calls with responses over 4 MiB',
    answer: (answer) =>
      answer.body instanceof Uint8Array && answer.body.length > 4 << 20
        ? { status: 502, headers: [['content-type', 'application/json']], body: new Uint8Array() }
        : answer,
  },
  {
    name: 'chunks-of-4-mebibytes',
    clause: 'GW-48',
    about: 'The gateway drops chunks over 4 MiB',
    chunk: (chunk) => (chunk.data.length > 4 << 20 ? undefined : chunk),
  },
  {
    name: 'bodies-of-any-length',
    clause: 'GW-49',
    about: 'The gateway accepts request bodies of any length',
    options: { limits: { maxBodyBytes: 64 << 20 } },
  },
  {
    name: 'bodies-read-to-their-end',
    clause: 'GW-49',
    about: 'The gateway reads an oversized request body to its end',
    request: (request) => {
      let pieces: Promise<Uint8Array[]> | undefined;
      const readAll = async () => {
        const all: Uint8Array[] = [];
        for await (const piece of request.body) all.push(piece);
        return all;
      };
      return {
        ...request,
        headers: request.headers.filter(([name]) => !/^content-length$/i.test(name)),
        body: (async function* () {
          pieces ??= readAll();
          yield* await pieces;
        })(),
      };
    },
  },
  {
    name: 'one-connection-for-all',
    clause: 'GW-60',
    about: 'The gateway lets calls wait while a connection carries 100 streams',
    connection: (inner) => {
      let open = 0;
      const waiting: (() => void)[] = [];
      return around(inner, {
        async invoke(request, options) {
          while (open >= 100) await new Promise<void>((resolve) => waiting.push(resolve));
          return inner.invoke(request, options);
        },
        invokeStream(request, options = {}) {
          open += 1;
          const stream = inner.invokeStream(request, options);
          options.signal?.addEventListener('abort', () => {
            open -= 1;
            for (const resolve of waiting.splice(0)) resolve();
          });
          return stream;
        },
      });
    },
  },
]);

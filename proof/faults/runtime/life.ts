import { chmod, lstat, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { SocketUnavailable } from '../../../reference-runtime/process/socket-claim.ts';
import { type Hooks, runtimeFaults, type Serve } from '../../harness/fault.ts';
import { onHandlers } from '../changes/runtime.ts';

const newer = 'MCP_RUNTIME_GRPC_UDS';
const older = 'MCP_RUST_GRPC_UDS';
const { [newer]: newerValue, [older]: olderValue, ...others } = process.env;

function withVariables(newerPath: string | undefined, olderPath: string | undefined) {
  return (serve: Serve) => serve({ environment: { ...others, [newer]: newerPath, [older]: olderPath } });
}

/** Waits at the end for the open connections whose number of received bytes `isAwaited` selects. */
function waitingFor(isAwaited: (bytes: number) => boolean): Hooks {
  const received = new Map<Socket, number>();
  return {
    acceptConnection(socket) {
      received.set(socket, 0);
      socket.once('close', () => received.delete(socket));
      const accepted = defaultHooks.acceptConnection(socket);
      socket.on('data', (bytes: Buffer) => received.set(socket, (received.get(socket) ?? 0) + bytes.length));
      return accepted;
    },
    async releaseSocket(claim) {
      while ([...received.values()].some(isAwaited)) await new Promise((resolve) => setTimeout(resolve, 20));
      await defaultHooks.releaseSocket(claim);
    },
  };
}

function exitZeroIf(code: SocketUnavailable['code']): Hooks {
  return {
    async claimSocket(path, accept) {
      try {
        return await defaultHooks.claimSocket(path, accept);
      } catch (error) {
        if (error instanceof SocketUnavailable && error.code === code) process.exit(0);
        throw error;
      }
    },
  };
}

function socketMode(mode: number): Hooks {
  return {
    async claimSocket(path, accept) {
      const claim = await defaultHooks.claimSocket(path, accept);
      await chmod(path, mode);
      return claim;
    },
  };
}

function removedFirst(is: (path: string) => Promise<boolean>): Hooks {
  return {
    async claimSocket(path, accept) {
      if (await is(path)) await rm(path, { recursive: true, force: true });
      return defaultHooks.claimSocket(path, accept);
    },
  };
}

const bothVariables = [{ clause: 'LIFE-2', reason: 'LIFE-2 requires the runtime to read both variables.' }];
const kindOf = (path: string) => lstat(path).catch(() => undefined);
/** Number of calls that fail. */
const callsUntilReady = 3;
let streamsOpen = 0;

/** Faults in the process and its socket. */
export const lifeFaults = runtimeFaults([
  {
    name: 'only-the-older-variable',
    clause: 'LIFE-1',
    about: 'The runtime reads only the older environment variable',
    alsoBreaks: bothVariables,
    process: withVariables(undefined, olderValue),
  },
  {
    name: 'only-the-newer-variable',
    clause: 'LIFE-1',
    about: 'The runtime reads only the newer environment variable',
    alsoBreaks: bothVariables,
    process: withVariables(newerValue, undefined),
  },
  {
    name: 'older-variable-decides',
    clause: 'LIFE-2',
    about: 'The runtime prefers the older environment variable',
    process: withVariables(olderValue || newerValue, undefined),
  },
  {
    name: 'empty-variable-counts',
    clause: 'LIFE-2',
    about: 'The runtime treats an empty environment variable as set',
    process: (serve) => (newerValue === '' ? Promise.resolve(2) : serve()),
  },
  {
    name: 'ready-too-early',
    clause: 'LIFE-3',
    about: 'The runtime reports health "ok" before it serves calls',
    hooks: onHandlers(({ invoke }) => {
      let left = callsUntilReady;
      return {
        invoke: (call, callback) => {
          left -= 1;
          if (left >= 0) callback({ code: 14, details: 'Not ready' });
          else invoke(call, callback);
        },
      };
    }),
  },
  {
    name: 'stale-socket-blocks',
    clause: 'LIFE-4',
    about: 'The runtime treats a stale socket file as in use',
    hooks: {
      async claimSocket(path, accept) {
        if ((await kindOf(path))?.isSocket()) throw new SocketUnavailable('in_use', `${path} is in use`);
        return defaultHooks.claimSocket(path, accept);
      },
    },
  },
  {
    name: 'live-socket-stolen',
    clause: 'LIFE-5',
    about: 'The runtime replaces the live socket of another process',
    hooks: removedFirst(async (path) => (await kindOf(path))?.isSocket() ?? false),
  },
  {
    name: 'live-socket-exit-zero',
    clause: 'LIFE-5',
    about: 'The runtime exits with code 0 if another process is listening',
    hooks: exitZeroIf('in_use'),
  },
  {
    name: 'file-deleted',
    clause: 'LIFE-6',
    about: 'The runtime deletes a file at the socket path',
    hooks: removedFirst(async (path) => (await kindOf(path))?.isFile() ?? false),
  },
  {
    name: 'folder-deleted',
    clause: 'LIFE-6',
    about: 'The runtime deletes a folder at the socket path',
    hooks: removedFirst(async (path) => (await kindOf(path))?.isDirectory() ?? false),
  },
  {
    name: 'file-exit-zero',
    clause: 'LIFE-6',
    about: 'The runtime exits with code 0 if the socket path is not a socket',
    hooks: exitZeroIf('not_a_socket'),
  },
  {
    name: 'bind-failure-exit-zero',
    clause: 'LIFE-6',
    about: 'The runtime exits with code 0 if it cannot bind its socket',
    hooks: exitZeroIf('cannot_bind'),
  },
  {
    name: 'socket-for-everybody',
    clause: 'LIFE-7',
    about: 'The runtime creates its socket with mode 0666',
    hooks: socketMode(0o666),
  },
  {
    name: 'socket-for-the-group',
    clause: 'LIFE-7',
    about: 'The runtime creates its socket with mode 0660',
    hooks: socketMode(0o660),
  },
  {
    name: 'socket-left-behind',
    clause: 'LIFE-8',
    about: 'The runtime leaves its socket file behind on SIGTERM',
    hooks: {
      async releaseSocket({ server }) {
        server.close();
      },
    },
  },
  {
    name: 'exit-code-of-the-signal',
    clause: 'LIFE-8',
    about: 'The runtime exits with code 143 on SIGTERM',
    process: async (serve) => {
      const code = await serve();
      return code === 0 ? 143 : code;
    },
  },
  {
    name: 'sigterm-ignored',
    clause: 'LIFE-8',
    about: 'The runtime ignores SIGTERM',
    process: (serve) => {
      process.on('SIGTERM', () => undefined);
      return serve({ stop: new Promise(() => undefined) });
    },
  },
  {
    name: 'sigterm-not-handled',
    clause: 'LIFE-8',
    about: 'The runtime exits on SIGTERM without shutting down',
    process: (serve) => serve({ stop: new Promise(() => undefined) }),
  },
  {
    name: 'streams-hold-up-the-end',
    clause: 'LIFE-8',
    about: 'The runtime waits for open live streams before it exits',
    hooks: {
      callSignal(call) {
        const signal = defaultHooks.callSignal(call);
        if (!('write' in call)) return signal;
        streamsOpen += 1;
        call.once('cancelled', () => {
          streamsOpen -= 1;
        });
        return signal;
      },
      async releaseSocket(claim) {
        while (streamsOpen > 0) await new Promise((resolve) => setTimeout(resolve, 20));
        await defaultHooks.releaseSocket(claim);
      },
    },
  },
  {
    name: 'calls-dropped-at-the-end',
    clause: 'LIFE-9',
    about: 'The runtime drops in-flight calls on SIGTERM',
    options: { limits: { drainMs: 1 } },
  },
  {
    name: 'silent-connections-hold-up-the-end',
    clause: 'LIFE-10',
    about: 'The runtime waits before it exits for connections that have sent nothing',
    hooks: waitingFor((bytes) => bytes === 0),
  },
  {
    name: 'handshakes-hold-up-the-end',
    clause: 'LIFE-10',
    about: 'The runtime waits before it exits for connections with an incomplete handshake',
    hooks: waitingFor((bytes) => bytes > 0 && bytes < 24),
  },
]);

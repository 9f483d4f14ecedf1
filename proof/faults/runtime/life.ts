import { chmod, lstat, rm } from 'node:fs/promises';
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

const kindOf = (path: string) => lstat(path).catch(() => undefined);
const readyAfterMs = 400;
let streamsOpen = 0;

/** Faults of the process and its socket. */
export const lifeFaults = runtimeFaults([
  {
    name: 'only-the-older-variable',
    clause: 'LIFE-1',
    about: 'Reads the older variable alone',
    process: withVariables(undefined, olderValue),
  },
  {
    name: 'only-the-newer-variable',
    clause: 'LIFE-1',
    about: 'Reads the newer variable alone',
    process: withVariables(newerValue, undefined),
  },
  {
    name: 'older-variable-decides',
    clause: 'LIFE-2',
    about: 'The older variable decides where both have a value',
    process: withVariables(olderValue || newerValue, undefined),
  },
  {
    name: 'empty-variable-counts',
    clause: 'LIFE-2',
    about: 'An empty variable counts as a value',
    process: (serve) => (newerValue === '' ? Promise.resolve(2) : serve()),
  },
  {
    name: 'ready-too-early',
    clause: 'LIFE-3',
    about: 'Health is ok while calls are not served yet',
    hooks: onHandlers(({ invoke }) => {
      const from = performance.now() + readyAfterMs;
      return {
        invoke: (call, callback) =>
          performance.now() < from ? callback({ code: 14, details: 'Not ready' }) : invoke(call, callback),
      };
    }),
  },
  {
    name: 'stale-socket-blocks',
    clause: 'LIFE-4',
    about: 'A stale socket file is taken for a running process',
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
    about: "Another process's live socket is replaced",
    hooks: removedFirst(async (path) => (await kindOf(path))?.isSocket() ?? false),
  },
  {
    name: 'live-socket-exit-zero',
    clause: 'LIFE-5',
    about: 'Ends with exit code 0 where another process listens',
    hooks: exitZeroIf('in_use'),
  },
  {
    name: 'file-deleted',
    clause: 'LIFE-6',
    about: 'A file at the path is deleted',
    hooks: removedFirst(async (path) => (await kindOf(path))?.isFile() ?? false),
  },
  {
    name: 'folder-deleted',
    clause: 'LIFE-6',
    about: 'A folder at the path is deleted',
    hooks: removedFirst(async (path) => (await kindOf(path))?.isDirectory() ?? false),
  },
  {
    name: 'file-exit-zero',
    clause: 'LIFE-6',
    about: 'Ends with exit code 0 where something else is at the path',
    hooks: exitZeroIf('not_a_socket'),
  },
  {
    name: 'bind-failure-exit-zero',
    clause: 'LIFE-6',
    about: 'Ends with exit code 0 where binding fails',
    hooks: exitZeroIf('cannot_bind'),
  },
  {
    name: 'socket-for-everybody',
    clause: 'LIFE-7',
    about: 'The socket has mode 0666',
    hooks: socketMode(0o666),
  },
  {
    name: 'socket-for-the-group',
    clause: 'LIFE-7',
    about: 'The socket has mode 0660',
    hooks: socketMode(0o660),
  },
  {
    name: 'socket-left-behind',
    clause: 'LIFE-8',
    about: 'The socket file stays after SIGTERM',
    hooks: {
      async releaseSocket({ server }) {
        server.close();
      },
    },
  },
  {
    name: 'exit-code-of-the-signal',
    clause: 'LIFE-8',
    about: 'Ends with exit code 143 on SIGTERM',
    process: async (serve) => {
      const code = await serve();
      return code === 0 ? 143 : code;
    },
  },
  {
    name: 'sigterm-ignored',
    clause: 'LIFE-8',
    about: 'SIGTERM is ignored',
    process: (serve) => {
      process.on('SIGTERM', () => undefined);
      return serve({ stop: new Promise(() => undefined) });
    },
  },
  {
    name: 'sigterm-not-handled',
    clause: 'LIFE-8',
    about: 'SIGTERM kills the process on the spot',
    process: (serve) => serve({ stop: new Promise(() => undefined) }),
  },
  {
    name: 'streams-hold-up-the-end',
    clause: 'LIFE-8',
    about: 'Open live streams hold the end up',
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
    about: 'Calls under way at SIGTERM are dropped',
    options: { limits: { drainMs: 1 } },
  },
]);

import { once } from 'node:events';
import { chmod, lstat, mkdir, rename, writeFile } from 'node:fs/promises';
import { createConnection, createServer, type Server } from 'node:net';
import { unlessAborted, withTimeLimit } from '../../../../base/deadline.ts';
import type { Instance, InstanceExit, SocketPlace } from '../../../../runners/runner.ts';
import { found, StepFailure } from '../../../engine/failure.ts';
import { TargetError } from '../../../engine/options.ts';
import { NotExpressibleError } from '../../../wire/runtime-call.ts';
import { awaitReady, type ReadyOptions } from '../ready.ts';
import { SecondSocket } from '../second-socket.ts';
import type { StepAction, StepContext, StepPosition } from '../step-context.ts';

type OfTarget = Readonly<{ target: string; expect: unknown }>;

/** The observation of a process that is still running when the time limit passes. */
const running = { code: null, signal: null, running: true };

/** Time limit for `logs`, because an exited process may leave a child behind that keeps its output open. */
const outputEndMs = 2_000;

/** Steps that start, end and inspect processes and their sockets. */
export const processSteps = {
  async place({ resources }: StepContext, { as, holds }: Readonly<{ as: string; holds: PlaceContent }>) {
    const place = resources.own(await resources.options.runner.makePlace());
    resources.places.set(as, place);
    const path = visiblePath(place);
    if (holds === 'file') await writeFile(path, 'not a socket\n');
    else if (holds === 'folder') await mkdir(path);
    else if (holds === 'staleSocket') {
      const server = await listen(`${path}.live`);
      // Closing a server removes the path that it was bound to. After a rename, a stale socket file remains.
      await rename(`${path}.live`, path);
      await openToTarget(path);
      await close(server);
    } else if (holds === 'liveSocket') {
      const server = await listen(path);
      await openToTarget(path);
      resources.own({ [Symbol.asyncDispose]: () => close(server) });
    }
  },

  /** Starts an instance. The case clock pauses meanwhile, because the start has its own time limit. */
  async launch(context: StepContext, written: LaunchArgument, { step }: StepPosition) {
    const { resources } = context;
    const {
      as,
      place: placeName,
      environment: given,
      beside,
      expect,
    } = context.resolve<LaunchArgument>(written);
    const { runner, signal, readyTimeoutMs, clock, secondInstance, transport } = resources.options;
    if (transport === 'http' && Object.keys(given ?? {}).some((name) => grpcVariables.includes(name)))
      throw new NotExpressibleError('the case is about the variables of the gRPC socket');
    const named = placeName === undefined ? undefined : found(resources.places, placeName, 'place');
    const place = named ?? (beside && resources.own(await runner.makePlace()));
    const second = beside && place && new SecondSocket(place, transport === 'http' ? 'grpc' : 'http');
    const environment = second ? { ...given, ...second.environment(beside.samePath) } : given;
    await clock.stopFor(async () => {
      // A launch that checks a clause proves nothing if no second instance can start at all.
      if (step.setup === undefined) await secondInstance.ensure();
      const readiness = { timeoutMs: readyTimeoutMs, signal };
      const launch = async () => {
        const instance = resources.own(await runner.launch({ signal, place, environment }));
        resources.instances.set(as, instance);
        if (second && beside.as !== undefined)
          resources.instances.set(beside.as, second.instanceOf(instance));
        return instance;
      };
      if (expect === undefined) {
        const ready = launch().then((instance) => awaitReady(instance, readiness));
        secondInstance.watch(ready);
        await ready;
      } else {
        const { code, signal: by } = await exitBeforeReady(await launch(), readiness);
        const observation = { code, signal: by };
        context.compare('members', { expect: expect.exit, observation });
      }
    });
  },

  async signal(
    { resources }: StepContext,
    { target, name }: Readonly<{ target: string; name: 'SIGTERM' | 'SIGKILL' }>,
  ) {
    await found(resources.instances, target, 'instance').signal(name);
  },

  async exit(context: StepContext, { target, expect }: OfTarget) {
    const { instances, options } = context.resources;
    const { exit } = found(instances, target, 'instance');
    const ended = exit.then(({ code, signal }) => ({ code, signal }));
    const observation = await unlessAborted<unknown>(ended, options.signal).catch(() => running);
    context.compare('members', { expect, observation });
  },

  /** Compares the output of an exited instance. */
  async logs(context: StepContext, { target, expect }: OfTarget) {
    const { logs, exit } = found(context.resources.instances, target, 'instance');
    await exit;
    await withTimeLimit(logs.ended, outputEndMs);
    const lines = logs.between(0, Number.POSITIVE_INFINITY);
    context.compare('value', { expect, observation: lines.map(({ text }) => text).join('\n') });
  },

  async socketFile(
    context: StepContext,
    argument: Readonly<{ target?: string; place?: string; expect: Readonly<Record<string, unknown>> }>,
  ) {
    const { resources } = context;
    const { target, place: placeName, expect } = argument;
    const place =
      placeName === undefined
        ? resources.instance(target).place
        : found(resources.places, placeName, 'place');
    if (place === undefined) throw new StepFailure('the kit does not know the socket path of this target');
    const observation = await inspect(visiblePath(place), 'served' in expect);
    context.compare('members', { expect, observation });
  },
} satisfies Readonly<Record<string, StepAction<never>>>;

type PlaceContent = 'nothing' | 'file' | 'folder' | 'staleSocket' | 'liveSocket';

/** The variables with the path of the gRPC socket (LIFE-1). */
const grpcVariables: readonly string[] = ['MCP_RUNTIME_GRPC_UDS', 'MCP_RUST_GRPC_UDS'];

type Environment = Readonly<Record<string, string | null>>;

type LaunchArgument = Readonly<{
  as: string;
  place?: string;
  environment?: Environment;
  /** A second socket with the other protocol, and the name of the same instance there. */
  beside?: { as?: string; samePath?: boolean };
  expect?: { exit: unknown };
}>;

/**
 * Waits for an instance that is expected to exit.
 * @throws StepFailure if it becomes ready, or if it does not exit within the time limit
 */
async function exitBeforeReady(instance: Instance, options: ReadyOptions): Promise<InstanceExit> {
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  const ready = awaitReady(instance, { ...options, signal }).then(
    () => true,
    (error: unknown) => {
      if (!(error instanceof TargetError)) throw error;
      return false;
    },
  );
  try {
    const first = await Promise.race([instance.exit, ready]);
    if (typeof first !== 'boolean') return first;
    if (first) throw new StepFailure('the target is ready, but was expected to exit');
    // The instance is not ready, so it has exited or the time limit has passed.
    const exit = await Promise.race([instance.exit, undefined]);
    if (exit !== undefined) return exit;
    throw new StepFailure(`the target did not exit within ${options.timeoutMs / 1_000} s`);
  } finally {
    over.abort();
    await ready;
  }
}

async function inspect(path: string, connect: boolean): Promise<Record<string, unknown>> {
  const stats = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new StepFailure(`cannot inspect ${path}: ${error.message}`);
  });
  if (stats === undefined) return { kind: 'absent' };
  const kind =
    (stats.isSocket() && 'socket') ||
    (stats.isDirectory() && 'folder') ||
    (stats.isFile() && 'file') ||
    'other';
  const mode = (stats.mode & 0o777).toString(8).padStart(4, '0');
  return connect ? { kind, mode, served: await accepts(path) } : { kind, mode };
}

function accepts(path: string): Promise<boolean> {
  const socket = createConnection({ path });
  const connected = once(socket, 'connect').then(
    () => true,
    () => false,
  );
  return connected.finally(() => socket.destroy());
}

function visiblePath(place: SocketPlace): string {
  if (place.hostPath === undefined) throw new StepFailure('the kit cannot access the socket of this target');
  return place.hostPath;
}

async function listen(path: string): Promise<Server> {
  // Read and discard all data: a socket with unread data never reports its end.
  const server = createServer((socket) => socket.on('error', () => {}).resume());
  await once(server.listen(path), 'listening');
  return server;
}

/** Lets a target that runs as another user find out whether a process listens. */
function openToTarget(path: string): Promise<void> {
  return chmod(path, 0o777);
}

async function close(server: Server): Promise<void> {
  await once(server.close(), 'close');
}

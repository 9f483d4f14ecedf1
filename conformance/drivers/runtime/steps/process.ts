import { lstat, mkdir, rename, writeFile } from 'node:fs/promises';
import { createConnection, createServer, type Server } from 'node:net';
import { withTimeLimit } from '../../../../base/deadline.ts';
import type { Instance, InstanceExit, SocketPlace } from '../../../../runners/runner.ts';
import { StepFailure } from '../../../engine/failure.ts';
import { TargetError } from '../../../engine/options.ts';
import { found } from '../case-run.ts';
import { awaitReady, type ReadyOptions } from '../ready.ts';
import type { Scope } from '../scope.ts';

export interface PlaceArgument {
  readonly as: string;
  readonly holds: 'nothing' | 'file' | 'folder' | 'staleSocket' | 'liveSocket';
}

export interface LaunchArgument {
  readonly as: string;
  readonly place?: string;
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly expect?: { readonly exit: unknown };
}

/** `place`. */
export async function runPlace(scope: Scope, argument: PlaceArgument): Promise<void> {
  const place = scope.run.own(await scope.run.parts.runner.makePlace());
  scope.run.places.set(argument.as, place);
  const path = visiblePath(place);
  switch (argument.holds) {
    case 'nothing':
      return;
    case 'file':
      return writeFile(path, 'not a socket\n');
    case 'folder':
      await mkdir(path);
      return;
    case 'staleSocket': {
      const server = await listen(`${path}.live`);
      // Closing a server removes the path it was bound to: under another name the socket stays, with nobody behind it.
      await rename(`${path}.live`, path);
      return close(server);
    }
    case 'liveSocket': {
      const server = await listen(path);
      scope.run.own({ [Symbol.asyncDispose]: () => close(server) });
    }
  }
}

/** `launch`. How long a target takes to start is no matter of the case: its clock stands still meanwhile. */
export async function runLaunch(scope: Scope, written: LaunchArgument): Promise<void> {
  const argument = scope.resolve<LaunchArgument>(written);
  const { runner, signal, readyTimeoutMs, clock } = scope.run.parts;
  const place = argument.place === undefined ? undefined : found(scope.run.places, argument.place, 'place');
  await clock.stopFor(async () => {
    const instance = scope.run.own(
      await runner.launch({
        signal,
        place,
        environment: argument.environment,
      }),
    );
    scope.run.instances.set(argument.as, instance);
    if (argument.expect === undefined) {
      await awaitReady(instance, { timeoutMs: readyTimeoutMs, signal });
      return;
    }
    const exit = await exitBeforeReady(instance, { timeoutMs: readyTimeoutMs, signal });
    scope.compareMembers({ expect: argument.expect.exit, observation: exit });
  });
}

/** How an instance ended that had to end. @throws StepFailure where it serves, or neither serves nor ends in time */
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
    if (first) throw new StepFailure('the target is ready, though it had to end with an exit code');
    // Not ready, because it has ended or because the time is up.
    const exit = await Promise.race([instance.exit, undefined]);
    if (exit !== undefined) return exit;
    throw new StepFailure(`the target did not end within ${options.timeoutMs / 1_000} s`);
  } finally {
    over.abort();
    await ready;
  }
}

/** `signal`. */
export async function runSignal(
  scope: Scope,
  argument: { readonly target: string; readonly name: 'SIGTERM' | 'SIGKILL' },
): Promise<void> {
  await found(scope.run.instances, argument.target, 'instance').signal(argument.name);
}

/** `exit`. */
export async function runExit(
  scope: Scope,
  argument: { readonly target: string; readonly expect: unknown },
): Promise<void> {
  const instance = found(scope.run.instances, argument.target, 'instance');
  scope.compareMembers({ expect: argument.expect, observation: await exitOf(scope, instance) });
}

/** What has ended may leave a child behind that holds its output open: the end is not waited for longer than this. */
const outputEndMs = 2_000;

/** `logs`: what an instance wrote from its start to its end. */
export async function runLogs(
  scope: Scope,
  argument: { readonly target: string; readonly expect: unknown },
): Promise<void> {
  const { logs, exit } = found(scope.run.instances, argument.target, 'instance');
  await exit;
  await withTimeLimit(logs.ended, outputEndMs);
  const lines = logs.between(0, Number.POSITIVE_INFINITY);
  scope.compareValue({ expect: argument.expect, observation: lines.map(({ text }) => text).join('\n') });
}

/** `socketFile`. */
export async function runSocketFile(
  scope: Scope,
  argument: {
    readonly target?: string;
    readonly place?: string;
    readonly expect: Readonly<Record<string, unknown>>;
  },
): Promise<void> {
  const place =
    argument.place === undefined
      ? scope.run.instance(argument.target).place
      : found(scope.run.places, argument.place, 'place');
  if (place === undefined) throw new StepFailure('the place of the socket is not known to the kit');
  scope.compareMembers({
    expect: argument.expect,
    observation: await inspect(visiblePath(place), 'served' in argument.expect),
  });
}

async function inspect(path: string, connect: boolean): Promise<Record<string, unknown>> {
  const stats = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new StepFailure(`${path} cannot be looked at: ${error.message}`);
  });
  if (stats === undefined) return { kind: 'absent' };
  const kind = stats.isSocket()
    ? 'socket'
    : stats.isDirectory()
      ? 'folder'
      : stats.isFile()
        ? 'file'
        : 'other';
  const mode = (stats.mode & 0o777).toString(8).padStart(4, '0');
  return { kind, mode, ...(connect ? { served: await accepts(path) } : {}) };
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function exitOf(scope: Scope, instance: Instance): Promise<unknown> {
  const { signal } = scope.run.parts;
  const aborted = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  return (await Promise.race([instance.exit, aborted])) ?? { code: null, signal: null, running: true };
}

function visiblePath(place: SocketPlace): string {
  if (place.hostPath === undefined)
    throw new StepFailure('the socket of this target cannot be seen by the kit');
  return place.hostPath;
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    // What callers send is read and dropped: a connection with something unread would never be seen to end.
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.resume();
    });
    server.once('error', reject);
    server.listen(path, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

import { resolve } from 'node:path';

/** Waiting times between attempts to connect: the first, then growing by 1.6 up to the cap (CLIENT-1). */
export interface BackoffOptions {
  /** In milliseconds. Default: 50. */
  readonly initialMs?: number | undefined;
  /** In milliseconds; jitter may add a fifth. Default: 2000. */
  readonly maxMs?: number | undefined;
}

/** HTTP/2 pings that find out whether a silent connection still lives. */
export interface KeepAliveOptions {
  /** Time without traffic before a ping, in milliseconds. Many servers refuse pings more often than every 5 minutes. */
  readonly intervalMs: number;
  /** How long the answer may take, in milliseconds. Default: 20 000. */
  readonly timeoutMs?: number | undefined;
}

/** What holds for every call of a client; see {@link RuntimeClientOptions}. */
export interface RuntimeClientSettings {
  /** The deadline of a call that names none, in milliseconds; for a stream, the time to reach the runtime. Default: 30 000. */
  readonly deadlineMs?: number | undefined;
  /** How long a stream may be silent, in milliseconds; `Infinity`: for ever. Default: 300 000. */
  readonly streamIdleTimeoutMs?: number | undefined;
  /**
   * Whether calls wait for the runtime to appear, up to their deadline. With `false` a call fails with UNAVAILABLE as
   * soon as an attempt to connect has failed; attempts go on all the same. Default: true.
   */
  readonly waitForRuntime?: boolean | undefined;
  readonly backoff?: BackoffOptions | undefined;
  /** Default: none. A Unix socket tells at once when its peer dies, and calls and streams have their own limits. */
  readonly keepAlive?: KeepAliveOptions | undefined;
  /** The largest message that is accepted, in bytes; `Infinity`: any (CLIENT-3). Default: 256 MiB. */
  readonly maxReceiveBytes?: number | undefined;
}

/** Where a runtime listens: on a Unix domain socket, or behind a relay. */
export type RuntimePlace =
  | {
      /** The path of the Unix domain socket. It need not exist yet. */
      readonly socketPath: string;
    }
  | {
      /** A gRPC target, such as `dns:///127.0.0.1:50051`, where something relays the socket. */
      readonly target: string;
    };

/** Where the runtime is, and what holds for every call of the client. */
export type RuntimeClientOptions = RuntimeClientSettings & RuntimePlace;

/** {@link RuntimeClientOptions} with every default filled in. */
export type ResolvedClientOptions = ReturnType<typeof resolveClientOptions>;

// sun_path holds 108 bytes on Linux and 104 on macOS, the final NUL included.
const maxSocketPathBytes = process.platform === 'darwin' ? 103 : 107;

/** Checks a duration and returns it. @throws RangeError if it is not a positive number of milliseconds */
export function checkedMilliseconds(name: string, value: number, allowInfinity = false): number {
  if (value > 0 && (Number.isFinite(value) || (allowInfinity && value === Infinity))) return value;
  const allowed = `a positive number of milliseconds${allowInfinity ? ' or Infinity' : ''}`;
  throw new RangeError(`${name} must be ${allowed}, not ${value}`);
}

/** The target, and how a person names it in error messages. */
function targetOf(options: RuntimePlace): { target: string; place: string } {
  if ('target' in options) {
    if (options.target === '') throw new TypeError('target is empty: name where the runtime listens');
    return { target: options.target, place: options.target };
  }
  if (options.socketPath === '') throw new TypeError('socketPath is empty: name the socket of the runtime');
  const place = resolve(options.socketPath);
  const bytes = Buffer.byteLength(place);
  if (bytes > maxSocketPathBytes) {
    const most = `a Unix domain socket path at most ${maxSocketPathBytes}`;
    throw new RangeError(`socketPath has ${bytes} bytes, ${most}: ${place}`);
  }
  return { target: `unix:${place}`, place };
}

/** Checks options and fills in the defaults. @throws TypeError or RangeError naming the option that is wrong */
export function resolveClientOptions(options: RuntimeClientOptions) {
  const { deadlineMs = 30_000, streamIdleTimeoutMs = 300_000, waitForRuntime = true } = options;
  const { backoff = {}, keepAlive, maxReceiveBytes = 256 * 1024 * 1024 } = options;
  const initialBackoffMs = checkedMilliseconds('backoff.initialMs', backoff.initialMs ?? 50);
  const { maxMs = Math.max(2000, initialBackoffMs) } = backoff;
  const maxBackoffMs = checkedMilliseconds('backoff.maxMs', maxMs);
  if (maxBackoffMs < initialBackoffMs)
    throw new RangeError('backoff.maxMs must not be below backoff.initialMs');
  if (!(maxReceiveBytes > 0))
    throw new RangeError(`maxReceiveBytes must be positive, not ${maxReceiveBytes}`);
  return {
    ...targetOf(options),
    deadlineMs: checkedMilliseconds('deadlineMs', deadlineMs),
    streamIdleTimeoutMs: checkedMilliseconds('streamIdleTimeoutMs', streamIdleTimeoutMs, true),
    waitForRuntime,
    initialBackoffMs,
    maxBackoffMs,
    channelOptions: {
      'grpc.initial_reconnect_backoff_ms': initialBackoffMs,
      'grpc.max_reconnect_backoff_ms': maxBackoffMs,
      'grpc.max_receive_message_length': Number.isFinite(maxReceiveBytes) ? maxReceiveBytes : -1,
      // A connection of its own: closing this client, or its back-off, must not touch another one's.
      'grpc.use_local_subchannel_pool': 1,
      'grpc.enable_http_proxy': 0,
      'grpc.service_config_disable_resolution': 1,
      ...(keepAlive && keepAliveOptions(keepAlive)),
    },
  };
}

function keepAliveOptions({ intervalMs, timeoutMs = 20_000 }: KeepAliveOptions) {
  return {
    'grpc.keepalive_time_ms': checkedMilliseconds('keepAlive.intervalMs', intervalMs),
    'grpc.keepalive_timeout_ms': checkedMilliseconds('keepAlive.timeoutMs', timeoutMs),
  };
}

import { resolve } from 'node:path';

/** Pauses between connection attempts. Each one is 1.6 times as long as the last, up to the maximum (CLIENT-1). */
export interface BackoffOptions {
  /** The first pause in milliseconds. Default: 50. */
  readonly initialMs?: number | undefined;
  /** The maximum pause in milliseconds. Jitter may add 20 %. Default: 2000. */
  readonly maxMs?: number | undefined;
}

/** HTTP/2 pings that detect a dead connection. */
export interface KeepAliveOptions {
  /** Idle time before a ping in milliseconds. Many servers reject intervals below 5 minutes. */
  readonly intervalMs: number;
  /** Time limit for the reply to a ping in milliseconds. Default: 20 000. */
  readonly timeoutMs?: number | undefined;
}

/** Settings for all calls of a client. See {@link RuntimeClientOptions}. */
export interface RuntimeClientSettings {
  /** The default deadline of a call, and the time limit for connecting a stream, in milliseconds. Default: 30 000. */
  readonly deadlineMs?: number | undefined;
  /** The idle timeout of a stream in milliseconds, or `Infinity`. Default: 300 000. */
  readonly streamIdleTimeoutMs?: number | undefined;
  /**
   * Whether calls wait for an unreachable runtime until their deadline. If false, a call fails with UNAVAILABLE after a
   * failed connection attempt, but the client keeps trying to connect. Default: true.
   */
  readonly waitForRuntime?: boolean | undefined;
  readonly backoff?: BackoffOptions | undefined;
  /** Default: no pings. A Unix socket reports the death of its peer, and calls and streams have their own limits. */
  readonly keepAlive?: KeepAliveOptions | undefined;
  /** The maximum size of a received message in bytes, or `Infinity` (CLIENT-3). Default: 256 MiB. */
  readonly maxReceiveBytes?: number | undefined;
}

/** The place of a runtime: a Unix domain socket or a relay. */
export type RuntimePlace =
  | {
      /** The path of the Unix domain socket. It need not exist yet. */
      readonly socketPath: string;
    }
  | {
      /** The gRPC target of a relay to the socket, such as `dns:///127.0.0.1:50051`. */
      readonly target: string;
    };

/** The place of the runtime, and settings for all calls of the client. */
export type RuntimeClientOptions = RuntimeClientSettings & RuntimePlace;

/** {@link RuntimeClientOptions} with all defaults. */
export type ResolvedClientOptions = ReturnType<typeof resolveClientOptions>;

// The size of sun_path is 108 bytes on Linux and 104 on macOS, including the final null byte.
const maxSocketPathBytes = process.platform === 'darwin' ? 103 : 107;

/** Checks a duration and returns it. @throws RangeError if it is not a positive number of milliseconds */
export function checkedMilliseconds(name: string, value: number, allowInfinity = false): number {
  if (value > 0 && (Number.isFinite(value) || (allowInfinity && value === Infinity))) return value;
  const allowed = `a positive number of milliseconds${allowInfinity ? ' or Infinity' : ''}`;
  throw new RangeError(`${name} must be ${allowed}, not ${value}`);
}

/** Returns the absolute path of a socket. @throws TypeError or RangeError for an invalid path */
export function checkedSocketPath(socketPath: string): string {
  if (socketPath === '') throw new TypeError('socketPath is empty: set the path of the runtime socket');
  const place = resolve(socketPath);
  const bytes = Buffer.byteLength(place);
  if (bytes > maxSocketPathBytes) {
    const limit = `but the limit for a Unix domain socket is ${maxSocketPathBytes}`;
    throw new RangeError(`socketPath has ${bytes} bytes, ${limit}: ${place}`);
  }
  return place;
}

/** Returns the gRPC target, and the place of the runtime for error messages. */
function targetOf(options: RuntimePlace): { target: string; place: string } {
  if ('target' in options) {
    if (options.target === '') throw new TypeError('target is empty: set the gRPC target of the runtime');
    return { target: options.target, place: options.target };
  }
  const place = checkedSocketPath(options.socketPath);
  return { target: `unix:${place}`, place };
}

/** Checks options and adds the defaults. @throws TypeError or RangeError that names an invalid option */
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
      // With a connection of its own, this client closes and backs off independently of other clients.
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

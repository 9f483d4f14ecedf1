import { type ChannelOptions, Client, connectivityState, credentials } from '@grpc/grpc-js';
import { maxCalls, maxCancelled } from '../base/connection-limits.ts';

/** A connection for one call. */
export interface ChannelLease {
  readonly client: Client;
  readonly connected: boolean;
  /** Called once, at the end of the call. @param cancelled whether this side ended the call */
  release(cancelled: boolean): void;
}

/**
 * The connections of a client. The pool opens a further connection when the others carry as many calls as every runtime
 * supports. It replaces a connection on which many calls were cancelled, and lets the open calls on it finish.
 */
export class ChannelPool {
  readonly #target: string;
  readonly #options: ChannelOptions;
  readonly #channels: PooledChannel[] = [];
  #isClosed = false;

  constructor(target: string, options: ChannelOptions) {
    this.#target = target;
    this.#options = options;
  }

  /** Whether the connection that the next calls use is open. */
  get connected(): boolean {
    return !this.#isClosed && this.#channels.find((channel) => channel.isUsable)?.connected === true;
  }

  /** The number of connections, including those that only wait for the end of their calls. */
  get size(): number {
    return this.#channels.length;
  }

  /** Returns the connection for a call. */
  lease(): ChannelLease {
    const free = this.#channels.find((channel) => channel.isUsable && channel.calls < maxCalls);
    const channel = free ?? this.#open();
    channel.calls += 1;
    return {
      client: channel.client,
      get connected() {
        return channel.connected;
      },
      release: (cancelled) => {
        channel.calls -= 1;
        if (cancelled) channel.cancelled += 1;
        this.#closeIdle(channel);
      },
    };
  }

  close(): void {
    this.#isClosed = true;
    for (const { client } of this.#channels.splice(0)) client.close();
  }

  #open(): PooledChannel {
    const channel = new PooledChannel(this.#target, this.#options);
    this.#channels.push(channel);
    return channel;
  }

  /** Closes a connection without calls, unless it is the one that the next calls use. */
  #closeIdle(channel: PooledChannel): void {
    if (channel.calls > 0) return;
    const first = this.#channels.find((each) => each.isUsable);
    const at = this.#channels.indexOf(channel);
    if (channel === first || at < 0) return;
    this.#channels.splice(at, 1);
    channel.client.close();
  }
}

/** A connection with the numbers of its calls. */
class PooledChannel {
  readonly client: Client;
  /** Open calls. */
  calls = 0;
  cancelled = 0;

  constructor(target: string, options: ChannelOptions) {
    this.client = new Client(target, credentials.createInsecure(), options);
  }

  get isUsable(): boolean {
    return this.cancelled < maxCancelled;
  }

  get connected(): boolean {
    return this.client.getChannel().getConnectivityState(false) === connectivityState.READY;
  }
}

import type { Address } from '../../runners/runner.ts';
import { Connection, type ConnectionOptions } from './connection.ts';

export interface ChannelOptions extends Omit<ConnectionOptions, 'address' | 'successor'> {
  /** Called for each connection. */
  readonly address: () => Address;
}

/**
 * A channel to a target, as gRPC has it: a connection that is opened at first use, and again where the last one has
 * ended or takes no further calls. Disposing of the channel destroys its connections.
 */
export class Channel implements Disposable {
  readonly #options: ChannelOptions;
  readonly #opened: Connection[] = [];
  #current: Promise<Connection> | undefined;
  #disposed = false;

  constructor(options: ChannelOptions) {
    this.#options = options;
  }

  /** The connection for the next call. @throws ConnectError */
  connection(): Promise<Connection> {
    const last = this.#opened.at(-1);
    if (last?.usable) return Promise.resolve(last);
    // Kept before anything is awaited, so that concurrent calls share it.
    const connection = this.#usable(this.#current);
    this.#current = connection;
    return connection;
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    for (const connection of this.#opened) connection.destroy();
  }

  async #usable(known: Promise<Connection> | undefined): Promise<Connection> {
    const opened = await known?.catch(() => undefined);
    if (opened?.usable) return opened;
    const { address, ...options } = this.#options;
    const successor = () => this.connection();
    const connection = await Connection.open({ ...options, address: address(), successor });
    this.#opened.push(connection);
    if (this.#disposed) connection.destroy();
    return connection;
  }
}

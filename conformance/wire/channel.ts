import type { Settings } from 'node:http2';
import type { Address } from '../../runners/runner.ts';
import { Connection, type ConnectionOptions } from './connection.ts';

/** Options of a channel. */
export interface ChannelOptions extends Omit<ConnectionOptions, 'address' | 'settings' | 'successor'> {
  /** Returns the address. Called before each connection is opened. */
  readonly address: () => Address;
}

/**
 * A gRPC channel to a target. It opens a connection on first use, and a new one when the last one has ended or accepts
 * no further calls. Disposing of the channel destroys its connections.
 */
export class Channel implements Disposable {
  readonly #options: ChannelOptions;
  readonly #opened: Connection[] = [];
  #current: Promise<Connection> | undefined;
  #settings: Settings = {};
  #disposed = false;

  constructor(options: ChannelOptions) {
    this.#options = options;
  }

  /** Returns the connection for the next call. @throws ConnectError */
  connection(): Promise<Connection> {
    const last = this.#opened.at(-1);
    if (last?.usable) return Promise.resolve(last);
    // Stored before the first await, so that concurrent calls share it.
    const connection = this.#usable(this.#current);
    this.#current = connection;
    return connection;
  }

  /**
   * Changes the settings of all connections: of the open ones, whose calls may still run, and of later ones.
   * @returns whether the target acknowledged them on the connection for the next call. @throws ConnectError
   */
  async changeSettings(settings: Settings): Promise<boolean> {
    this.#settings = { ...this.#settings, ...settings };
    const connection = await this.connection();
    const others = this.#opened.filter((each) => each !== connection);
    const [isAcknowledged = false] = await Promise.all(
      [connection, ...others].map((each) => each.changeSettings(settings)),
    );
    return isAcknowledged || (connection.isGivenUp && this.changeSettings(settings));
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
    const settings = this.#settings;
    const connection = await Connection.open({ ...options, address: address(), settings, successor });
    this.#opened.push(connection);
    if (this.#disposed) connection.destroy();
    return connection;
  }
}

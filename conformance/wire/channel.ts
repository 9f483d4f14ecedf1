import type { Settings } from 'node:http2';
import type { Address } from '../../runners/runner.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import { openConnection } from './open-connection.ts';
import type { RuntimeConnection } from './runtime-call.ts';

/** Options of a channel. */
export interface ChannelOptions extends Omit<ConnectionOptions, 'address' | 'settings' | 'successor'> {
  /** Returns the address. Called before each connection is opened. */
  readonly address: () => Address;
}

/**
 * A channel to a target, over gRPC or HTTP. It opens a connection on first use, and a new one when the last one has ended or accepts
 * no further calls. Disposing of the channel destroys its connections.
 */
export class Channel implements Disposable {
  readonly #options: ChannelOptions;
  readonly #opened: RuntimeConnection[] = [];
  #current: Promise<RuntimeConnection> | undefined;
  #settings: Settings = {};
  #disposed = false;

  constructor(options: ChannelOptions) {
    this.#options = options;
  }

  /** Returns the connection for the next call. @throws ConnectError */
  connection(): Promise<RuntimeConnection> {
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

  async #usable(known: Promise<RuntimeConnection> | undefined): Promise<RuntimeConnection> {
    const opened = await known?.catch(() => undefined);
    if (opened?.usable) return opened;
    const { address, ...options } = this.#options;
    const successor = async (): Promise<Connection> => {
      const next = await this.connection();
      if (next instanceof Connection) return next;
      throw new Error(`the connection ${next.name} does not speak gRPC`);
    };
    const settings = this.#settings;
    const connection = await openConnection({ ...options, address: address(), settings, successor });
    this.#opened.push(connection);
    if (this.#disposed) connection.destroy();
    return connection;
  }
}

import type { Instance, SocketPlace, Transport } from '../../../runners/runner.ts';
import { secondSocketEnvironment, secondSocketPath } from '../../../runners/second-socket.ts';

/** A second socket of an instance, with another protocol (HTTP-1). */
export class SecondSocket {
  readonly #place: SocketPlace;
  readonly #transport: Transport;

  /** @param place the place of the first socket @param transport the protocol of the second one */
  constructor(place: SocketPlace, transport: Transport) {
    this.#place = place;
    this.#transport = transport;
  }

  /** Returns the variable for the path. @param isSame whether to use the path of the first socket, which is invalid */
  environment(isSame = false): Readonly<Record<string, string>> {
    const variables = secondSocketEnvironment(this.#place, this.#transport);
    if (!isSame) return variables;
    const path = this.#place.targetPath ?? this.#place.hostPath ?? '';
    return Object.fromEntries(Object.keys(variables).map((name) => [name, path]));
  }

  /** Returns the instance with the address of this socket. @throws RunnerError behind a relay */
  instanceOf(instance: Instance): Instance {
    const path = secondSocketPath(this.#place, this.#transport);
    return {
      address: { kind: 'unix', path, transport: this.#transport },
      place: { hostPath: path, [Symbol.asyncDispose]: async () => undefined },
      logs: instance.logs,
      exit: instance.exit,
      exitNoticeMs: instance.exitNoticeMs,
      mainProcess: () => instance.mainProcess(),
      signal: (name) => instance.signal(name),
      diagnose: () => instance.diagnose(),
      // The owner of the first socket disposes of the instance.
      [Symbol.asyncDispose]: async () => undefined,
    };
  }
}

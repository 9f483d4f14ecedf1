import type { ResourceScope } from '../resource-scope.ts';
import { RunnerError, type SocketPlace } from '../runner.ts';
import { makeFolderPlace } from '../socket-place.ts';
import type { Docker } from './docker.ts';
import type { ImagePlace } from './image-instance.ts';
import { type RelayOptions, RelayPlaces } from './relay.ts';

/** Makes places for the sockets of containers: folders that are bind-mounted, or volumes behind relays. */
export class ContainerPlaces {
  readonly #transport: 'bind' | 'relay';
  readonly #options: RelayOptions;
  readonly #scope: ResourceScope;
  readonly #relays: RelayPlaces;
  readonly #places = new WeakMap<SocketPlace, ImagePlace>();

  /** @param scope owns the places */
  constructor(docker: Docker, transport: 'bind' | 'relay', options: RelayOptions, scope: ResourceScope) {
    this.#transport = transport;
    this.#options = options;
    this.#scope = scope;
    this.#relays = new RelayPlaces(docker, options);
  }

  /** @throws RunnerError */
  async make(signal: AbortSignal): Promise<SocketPlace> {
    if (this.#transport === 'relay') {
      const place = this.#scope.own(await this.#relays.make(signal));
      this.#places.set(place, { kind: 'relay', place });
      return place;
    }
    const { name, path } = this.#options.socket;
    const place = this.#scope.own(
      await makeFolderPlace({ socketName: name, everyUser: true, targetPath: path }),
    );
    this.#places.set(place, { kind: 'bind', place });
    return place;
  }

  /** Where a place is. @throws RunnerError `unsupported` for one that was made elsewhere */
  whereIs(place: SocketPlace): ImagePlace {
    const where = this.#places.get(place);
    if (where !== undefined) return where;
    throw new RunnerError('unsupported', 'The place given was made by another runner.', 'Use makePlace.');
  }
}

/** The mount that brings a place into a container, as `docker run --volume` takes it. */
export function bindOf(where: ImagePlace, folder: string, { selinux }: Pick<Docker, 'selinux'>): string {
  return where.kind === 'bind'
    ? `${where.place.folder}:${folder}${selinux ? ':z' : ''}`
    : // What the image has in that folder, its permissions above all, must not replace the relay's.
      `${where.place.volume}:${folder}:nocopy`;
}

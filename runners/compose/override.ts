import { environmentWords } from '../environment/socket-environment.ts';
import { bindOf, type ContainerLaunch } from '../image/container-runner.ts';

/** The changes that one launch makes to the project's Compose file. */
export interface Override extends Omit<ContainerLaunch, 'signal' | 'isPlain'> {
  readonly service: string;
  /** The version of the project's file. */
  readonly version: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** The folder of the socket in the container. */
  readonly folder: string;
  readonly selinux: boolean;
}

/** Returns a Compose file in JSON that overrides the project's file. */
export function renderOverride(override: Override): string {
  const { service, version, labels, environment, user, hostUsers, where, folder, selinux } = override;
  const isOld = version?.startsWith('2') === true;
  const name = where.kind === 'relay' ? where.place.volume : undefined;
  const file = {
    version,
    services: {
      [service]: {
        labels,
        // A name without a value removes the variable of the image.
        environment: environmentWords(environment),
        user,
        userns_mode: hostUsers ? 'host' : undefined,
        volumes: [bindOf(where, folder, { selinux })],
        // The engine checks health, restarts targets and reads their logs.
        healthcheck: { disable: true },
        restart: 'no',
        tty: false,
        logging: { driver: 'json-file', options: { 'max-size': '1m', 'max-file': '1' } },
      },
    },
    volumes:
      name === undefined ? undefined : { [name]: isOld ? { external: { name } } : { external: true, name } },
  };
  // Compose interpolates variables after every $.
  return JSON.stringify(file, undefined, 2).replaceAll('$', '$$$$');
}

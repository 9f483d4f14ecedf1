import { environmentWords } from '../environment/socket-environment.ts';
import { bindOf, type ContainerLaunch } from '../image/container-runner.ts';

/** What one launch changes in the file of its project. */
export interface Override extends Omit<ContainerLaunch, 'signal'> {
  readonly service: string;
  /** Of the file that it goes with. */
  readonly version: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** The folder of the socket in the container. */
  readonly folder: string;
  readonly selinux: boolean;
}

/** A Compose file, in JSON, to be read after the one of the project. */
export function renderOverride(override: Override): string {
  const { service, version, labels, environment, user, hostUsers, where, folder, selinux } = override;
  const isOld = version?.startsWith('2') === true;
  const name = where.kind === 'relay' ? where.place.volume : undefined;
  const file = {
    version,
    services: {
      [service]: {
        labels,
        // Without a value: Compose passes none on, and an image's own goes.
        environment: environmentWords(environment),
        user,
        userns_mode: hostUsers ? 'host' : undefined,
        volumes: [bindOf(where, folder, { selinux })],
        // The engine asks for health itself, starts targets itself, and reads what they write.
        healthcheck: { disable: true },
        restart: 'no',
        tty: false,
        logging: { driver: 'json-file', options: { 'max-size': '1m', 'max-file': '1' } },
      },
    },
    volumes:
      name === undefined ? undefined : { [name]: isOld ? { external: { name } } : { external: true, name } },
  };
  // Compose replaces variables wherever a $ stands.
  return JSON.stringify(file, undefined, 2).replaceAll('$', '$$$$');
}

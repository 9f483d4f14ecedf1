import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { errorMessage } from '../../base/error-message.ts';
import { RunnerError } from '../runner.ts';

/** The daemon that `docker` itself would use, and the setting that selects it. */
export type DockerEndpoint =
  /** The local daemon at its default address. */
  | { readonly from: 'default' }
  | { readonly from: 'DOCKER_HOST'; readonly host: string }
  | {
      readonly from: 'context';
      readonly name: string;
      readonly host: string;
      /** Folder of `ca.pem`, `cert.pem` and `key.pem`, if the context has them. */
      readonly certificates?: string;
    };

type Environment = Readonly<Record<string, string | undefined>>;

/** Protocols of the Docker client that the kit can use. */
const protocols: readonly string[] = ['unix:', 'tcp:', 'http:', 'https:', 'npipe:'];

/**
 * Returns the daemon that `docker` would use: that of `DOCKER_CONTEXT`, otherwise `DOCKER_HOST`, otherwise that of the
 * current context in `config.json`.
 * @throws RunnerError `docker-unavailable` if the context does not exist or has an address that the kit cannot use
 */
export function dockerEndpoint(environment: Environment = process.env): DockerEndpoint {
  const folder = environment['DOCKER_CONFIG'] || join(environment['HOME'] || homedir(), '.docker');
  const { DOCKER_CONTEXT: named, DOCKER_HOST: host } = environment;
  if (!named && host) return { from: 'DOCKER_HOST', host };
  const name = named || currentContext(folder);
  if (name === undefined || name === 'default') {
    return host ? { from: 'DOCKER_HOST', host } : { from: 'default' };
  }
  return contextEndpoint(name, { folder, source: named ? 'DOCKER_CONTEXT' : join(folder, 'config.json') });
}

/**
 * Passes a daemon to testcontainers, which reads only these variables.
 * @param environment the variables of this process
 */
export function useEndpoint(endpoint: DockerEndpoint, environment: NodeJS.ProcessEnv = process.env): void {
  if (endpoint.from !== 'context') return;
  environment['DOCKER_HOST'] = endpoint.host;
  // It takes precedence over DOCKER_HOST in the programs that inherit the variables, such as Compose.
  delete environment['DOCKER_CONTEXT'];
  if (endpoint.certificates === undefined) return;
  environment['DOCKER_TLS_VERIFY'] = '1';
  environment['DOCKER_CERT_PATH'] = endpoint.certificates;
}

function currentContext(folder: string): string | undefined {
  const config = readJson(join(folder, 'config.json'));
  const name = memberOf(config, 'currentContext');
  return typeof name === 'string' && name !== '' ? name : undefined;
}

interface ContextSource {
  /** Folder of the configuration of `docker`. */
  readonly folder: string;
  /** The setting that names the context. */
  readonly source: string;
}

function contextEndpoint(name: string, { folder, source }: ContextSource): DockerEndpoint {
  // `docker` names the folders of a context by the SHA-256 of its name.
  const id = createHash('sha256').update(name).digest('hex');
  const metadata = readJson(join(folder, 'contexts', 'meta', id, 'meta.json'));
  const host = memberOf(memberOf(memberOf(metadata, 'Endpoints'), 'docker'), 'Host');
  const inContext = `the Docker context ${name} (from ${source})`;
  if (typeof host !== 'string' || host === '') {
    throw new RunnerError(
      'docker-unavailable',
      `${inContext.replace(/^t/, 'T')} does not exist or has no address.`,
      'Choose another one: `docker context ls` lists them, and `docker context use NAME` selects one.',
    );
  }
  if (!protocols.some((protocol) => host.startsWith(protocol))) {
    throw new RunnerError(
      'docker-unavailable',
      `The kit cannot use the address ${host} of ${inContext}.`,
      `Set DOCKER_HOST to a Unix socket or a TCP address of that daemon, or set DOCKER_CONTEXT=default for the local one.`,
    );
  }
  const certificates = join(folder, 'contexts', 'tls', id, 'docker');
  return { from: 'context', name, host, ...(existsSync(certificates) && { certificates }) };
}

function readJson(path: string): unknown {
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new RunnerError(
      'docker-unavailable',
      `The configuration of Docker in ${path} cannot be read: ${errorMessage(error)}.`,
      'Correct the file, and check that `docker info` works.',
    );
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

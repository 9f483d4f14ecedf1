import { parse } from 'yaml';
import { suggest } from '../../base/nearest.ts';
import { readNamed } from '../environment/env-file.ts';
import { badOption } from '../runner.ts';
import type { ComposeCli } from './cli.ts';

/** Facts about a service that the runner needs before the start. */
export interface ComposeService {
  /** Undefined if the service is built from a context. */
  readonly image: string | undefined;
  /** The format version of an old file. All files of a project must have the same version. */
  readonly version: string | undefined;
}

interface ComposeFile {
  readonly version?: unknown;
  readonly services?: Readonly<Record<string, { readonly image?: string } | null>>;
}

/**
 * Looks up a service.
 * @throws RunnerError `bad-option` if the file is missing or invalid, or does not have the service
 */
export async function findService(cli: ComposeCli, file: string, service: string): Promise<ComposeService> {
  const text = await readNamed('Compose file', file, `Relative paths start at ${process.cwd()}.`);
  // Compose resolves `include` and `extends`, but omits services of inactive profiles. Those come from the file itself.
  const whole: ComposeFile = parse(await cli.run(['--file', file, 'config'], { what: `read ${file}` }));
  const written: ComposeFile = parse(text);
  const services = { ...written.services, ...whole.services };
  const found = services[service];
  if (found === undefined) {
    const hint = suggest(service, Object.keys(services));
    throw badOption(
      `There is no service ${service} in ${file}${hint && `; ${hint}`}`,
      `Its services: ${Object.keys(services).join(', ')}.`,
    );
  }
  const { version } = written;
  return { image: found?.image, version: version === undefined ? undefined : String(version) };
}

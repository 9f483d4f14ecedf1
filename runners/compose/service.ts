import { parse } from 'yaml';
import { suggest } from '../../base/nearest.ts';
import { readNamed } from '../environment/env-file.ts';
import { badOption } from '../runner.ts';
import type { ComposeCli } from './cli.ts';

/** What has to be known of a service before it is started. */
export interface ComposeService {
  /** Absent where the service is built. */
  readonly image: string | undefined;
  /** The version of the file's format, which every file of a project has to share; absent in files of today. */
  readonly version: string | undefined;
}

interface ComposeFile {
  readonly version?: unknown;
  readonly services?: Readonly<Record<string, { readonly image?: string } | null>>;
}

/**
 * Looks a service up.
 * @throws RunnerError `bad-option` for a file that is not there or not valid, and for a service that is not in it
 */
export async function findService(cli: ComposeCli, file: string, service: string): Promise<ComposeService> {
  const text = await readNamed('Compose file', file, `Relative paths start at ${process.cwd()}.`);
  // What Compose makes of the file, `include` and `extends` among it; a service of a profile is in the file alone.
  const whole: ComposeFile = parse(await cli.run(['--file', file, 'config'], { what: `read ${file}` }));
  const written: ComposeFile = parse(text);
  const services = { ...written.services, ...whole.services };
  const found = services[service];
  if (found === undefined) {
    const hint = suggest(service, Object.keys(services));
    throw badOption(
      `There is no service ${service} in ${file}${hint && `; ${hint}`}`,
      `Its services are ${Object.keys(services).join(', ')}.`,
    );
  }
  const { version } = written;
  return { image: found?.image, version: version === undefined ? undefined : String(version) };
}

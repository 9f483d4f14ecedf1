import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../base/package.ts';
import { ProcessRunner, type ProcessRunnerOptions } from '../process/runner.ts';
import { type Runner, RunnerError } from '../runner.ts';

export interface EmbeddedRunnerOptions extends Pick<ProcessRunnerOptions, 'environment' | 'transport'> {
  /** The catalog that the runtime serves. Default `conformance`. */
  readonly catalog?: 'conformance' | 'empty';
  /** The entry module of the runtime. Default: the module in this package. */
  readonly entry?: string;
}

/**
 * Creates a runner for the reference runtime of this package, which runs as a separate process.
 * @throws RunnerError `not-started` if the package has not been built
 */
export function createEmbeddedRunner(options: EmbeddedRunnerOptions = {}): Runner {
  const entry = options.entry ?? join(packageRoot(), 'dist', 'runtime', 'main.js');
  if (!existsSync(entry)) {
    throw new RunnerError(
      'not-started',
      `The reference runtime has not been built: ${entry} does not exist.`,
      'Run: npm run build',
    );
  }
  const catalog = options.catalog ?? 'conformance';
  return new ProcessRunner({
    label: catalog === 'empty' ? 'embedded reference runtime, empty catalog' : 'embedded reference runtime',
    kind: 'embedded',
    transport: options.transport,
    file: process.execPath,
    args: [entry],
    inherit: ['MCP_RUNTIME_*'],
    environment: { MCP_RUNTIME_CATALOG: catalog, ...noCertificates, ...options.environment },
  });
}

/** The runtime does not use TLS. Without this, Node would read a certificate bundle at each start. */
const noCertificates = { NODE_EXTRA_CA_CERTS: null };

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../base/package.ts';
import { ProcessRunner, type ProcessRunnerOptions } from '../process/runner.ts';
import { type Runner, RunnerError } from '../runner.ts';

export interface EmbeddedRunnerOptions extends Pick<ProcessRunnerOptions, 'environment'> {
  /** What the runtime serves: the catalog that the cases ask for, or nothing at all. Default `conformance`. */
  readonly catalog?: 'conformance' | 'empty';
  /** The runtime's entry module. Default: the one in this package. */
  readonly entry?: string;
}

/**
 * A runner for the package's own reference runtime, as a process of its own.
 * @throws RunnerError `not-started` where the package has not been built
 */
export function createEmbeddedRunner(options: EmbeddedRunnerOptions = {}): Runner {
  const entry = options.entry ?? join(packageRoot(), 'dist', 'runtime', 'main.js');
  if (!existsSync(entry)) {
    throw new RunnerError(
      'not-started',
      `The reference runtime has not been built: there is no ${entry}.`,
      'Run: npm run build',
    );
  }
  const catalog = options.catalog ?? 'conformance';
  return new ProcessRunner({
    label: catalog === 'empty' ? 'embedded reference runtime, empty catalog' : 'embedded reference runtime',
    kind: 'embedded',
    file: process.execPath,
    args: [entry],
    environment: { MCP_RUNTIME_CATALOG: catalog, ...noCertificates, ...options.environment },
  });
}

/** The runtime speaks no TLS; Node would read a whole bundle at each start. */
const noCertificates = { NODE_EXTRA_CA_CERTS: null };

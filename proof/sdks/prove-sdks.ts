import { join } from 'node:path';
import { $ } from 'zx';
import { installOnce } from '../install-once.ts';
import { defaultCache, installedVersion } from '../official/npm-program.ts';
import { expectedFindings, type SdkName } from './findings.ts';
import { judge, runModernSuites } from './judge.ts';
import { type JudgedSdk, renderTables } from './table.ts';

/** Options of `prove sdks`. */
export interface SdksRequest {
  /** Installation folder for the Go program. */
  readonly cache?: string;
}

const goVersion = 'v1.8.0';
const goProgram = 'github.com/modelcontextprotocol/go-sdk/conformance/everything-server';

/**
 * Runs the modern suites against a server of each SDK, and prints the standing of each clause. The failed cases must be
 * the expected findings.
 * @param tell receives each difference from the expected findings
 * @returns the exit code: 0 if the findings are as expected, else 1
 * @throws UntestedError if a server could not be tested, Error if the Go program cannot be built
 */
export async function proveSdks(
  { cache = defaultCache }: SdksRequest,
  tell: (problem: string) => void,
): Promise<number> {
  const go = await provideGoProgram(cache);
  const typescript = await installedVersion('@modelcontextprotocol/server');
  const servers: readonly (readonly [name: SdkName, title: string, command: string])[] = [
    ['go', `Go SDK ${goVersion.slice(1)}`, `node dist/proof/sdks/go-server.js ${go}`],
    ['typescript', `TypeScript SDK ${typescript}`, 'node dist/proof/sdks/typescript-server.js'],
  ];
  const judged: JudgedSdk[] = [];
  const problems: string[] = [];
  for (const [name, title, command] of servers) {
    const report = await runModernSuites(command);
    const { findings, problems: own } = judge(report, expectedFindings[name]);
    judged.push({ title, report, findings });
    problems.push(...own.map((problem) => `${title}, ${problem}`));
  }
  process.stdout.write(`${renderTables(judged)}\n`);
  for (const problem of problems) {
    process.stderr.write(`FAILED  ${problem}\n`);
    tell(problem);
  }
  return problems.length === 0 ? 0 : 1;
}

/** Builds the published program of the Go SDK, unless it was built before. Returns its path. */
async function provideGoProgram(cache: string): Promise<string> {
  const folder = join(cache, `go-sdk@${goVersion}`);
  await installOnce(folder, (fresh) => {
    const run = $({ quiet: true, timeout: '5m', env: { ...process.env, GOBIN: fresh } });
    return run`go install ${goProgram}@${goVersion}`;
  });
  return join(folder, 'everything-server');
}

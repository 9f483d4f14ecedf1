import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { $ } from 'zx';
import { packageRoot } from '../package-root.ts';
import { type Figures, readFigures } from './figures.ts';
import { startGateway } from './gateway-process.ts';
import { provideSuite, type SuiteTools, suitePackage } from './suite-tools.ts';

// `npm run official`: the official MCP conformance suite, unmodified, against our gateway before each runtime.

const revision = '2025-11-25';

const usage = `usage: npm run official -- [TARGET ...]

A target is image:NAME, command:LINE or socket:PATH. The embedded reference runtime is always checked, first.
  --transport KIND  how the gateway reaches the runtime: grpc (default) or http
  --cache FOLDER    where the suite is installed (default: node_modules/.cache/mcp-official)
  --verbose         what the suite writes, also where everything passes
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    transport: { type: 'string' },
    cache: { type: 'string' },
    verbose: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});

if (values.help) {
  process.stdout.write(usage);
  process.exit(0);
}

/** What is told to the gateway of a target. */
function wordsOf(target: string): readonly string[] {
  const [, kind, value] = /^(image|command|socket):(.+)$/s.exec(target) ?? [];
  if (kind !== undefined && value !== undefined) return [`--${kind}`, value];
  process.stderr.write(`error: ${target} is no target\n\n${usage}`);
  process.exit(2);
}

const targets = [
  { name: 'embedded', words: [] as readonly string[] },
  ...positionals.map((target) => ({ name: target, words: wordsOf(target) })),
];

async function check(
  tools: SuiteTools,
  words: readonly string[],
): Promise<{ figures: Figures; output: string; ok: boolean }> {
  const transport = values.transport === undefined ? [] : ['--transport', values.transport];
  await using gateway = await startGateway([...words, ...transport]);
  const suite = await $({
    quiet: true,
    nothrow: true,
    timeout: '10m',
  })`${tools.node} ${tools.entry} server --url ${gateway.url} --requirements ${revision}`;
  const output = suite.stdout + suite.stderr;
  try {
    const figures = readFigures(suite.stdout);
    return { figures, output, ok: suite.exitCode === 0 && figures.failed === 0 && figures.passed > 0 };
  } catch (error) {
    process.stderr.write(output);
    throw error;
  }
}

let exitCode = 0;
try {
  const tools = await provideSuite(
    values.cache ?? join(packageRoot(), 'node_modules', '.cache', 'mcp-official'),
  );
  process.stdout.write(`${suitePackage.name} ${suitePackage.version}, requirements ${revision}\n`);
  for (const { name, words } of targets) {
    const { figures, output, ok } = await check(tools, words);
    if (!ok || values.verbose) process.stdout.write(output);
    const { passed, failed, scenarios, failing } = figures;
    const verdict = `${passed} of ${passed + failed} checks passed in ${scenarios} scenarios`;
    process.stdout.write(
      `${ok ? 'ok    ' : 'FAILED'}  ${name}: ${verdict}${failing.length > 0 ? `; failing: ${failing.join(', ')}` : ''}\n`,
    );
    if (!ok) exitCode = 1;
  }
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : error}\n`);
  exitCode = 3;
}
process.exit(exitCode);

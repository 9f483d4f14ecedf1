import { $ } from 'zx';
import { checkTargets } from './command.ts';
import { readFigures } from './figures.ts';
import { startGateway } from './gateway-process.ts';
import { officialSuite, provideProgram } from './npm-program.ts';

// `npm run official`: the official MCP conformance suite, unmodified, against our gateway before each runtime.

const revision = '2025-11-25';

const exitCode = await checkTargets('official', async ({ cache }) => {
  const { node, entry } = await provideProgram(officialSuite, cache);
  process.stdout.write(`${officialSuite.name} ${officialSuite.version}, requirements ${revision}\n`);
  return async ({ words }) => {
    await using gateway = await startGateway(words);
    const suite = await $({
      quiet: true,
      nothrow: true,
      timeout: '10m',
    })`${node} ${entry} server --url ${gateway.url} --requirements ${revision}`;
    const output = suite.stdout + suite.stderr;
    const { passed, failed, scenarios, failing } = readFigures(output);
    const which = failing.length === 0 ? '' : `; failing: ${failing.join(', ')}`;
    return {
      ok: suite.exitCode === 0 && failed === 0 && passed > 0,
      summary: `${passed} of ${passed + failed} checks passed in ${scenarios} scenarios${which}`,
      output,
    };
  };
});
process.exit(exitCode);

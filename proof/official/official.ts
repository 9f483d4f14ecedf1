import { $ } from 'zx';
import { readFigures } from './figures.ts';
import { startGateway } from './gateway-process.ts';
import { defaultCache, officialSuite, provideProgram } from './npm-program.ts';
import { checkTargets, type OfficialRequest } from './targets.ts';

const revision = '2025-11-25';

/** Runs the official MCP conformance suite, unmodified, against our gateway in front of each runtime. */
export function proveOfficial(request: OfficialRequest): Promise<number> {
  return checkTargets(request, async () => {
    const { node, entry } = await provideProgram(officialSuite, request.cache ?? defaultCache);
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
}

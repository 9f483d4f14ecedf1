import { $ } from 'zx';
import { type Figures, readFigures } from './figures.ts';
import { startGateway } from './gateway-process.ts';
import { defaultCache, officialSuite, provideProgram } from './npm-program.ts';
import { servesModern } from './serves-modern.ts';
import { checkTargets, type OfficialRequest } from './targets.ts';

/** The requirement sets of the suite. A runtime that serves only sessions is checked with the first one. */
const requirementSets = { sessions: '2025-11-25', sessionless: '2026-07-28' } as const;

/** Runs the official MCP conformance suite, unmodified, against our gateway in front of each runtime. */
export function proveOfficial(request: OfficialRequest): Promise<number> {
  return checkTargets(request, async () => {
    const { node, entry } = await provideProgram(officialSuite, request.cache ?? defaultCache);
    process.stdout.write(`${officialSuite.name} ${officialSuite.version}\n`);
    const check = async (url: string, revision: string) => {
      const suite = await $({
        quiet: true,
        nothrow: true,
        timeout: '10m',
      })`${node} ${entry} server --url ${url} --requirements ${revision}`;
      const output = suite.stdout + suite.stderr;
      const figures = readFigures(output);
      const ok = suite.exitCode === 0 && figures.failed === 0 && figures.passed > 0;
      return { ok, output, summary: summaryOf(revision, figures) };
    };
    return async ({ words }) => {
      await using gateway = await startGateway(words);
      const outcomes = [await check(gateway.url, requirementSets.sessions)];
      if (await servesModern(gateway.url))
        outcomes.push(await check(gateway.url, requirementSets.sessionless));
      return {
        ok: outcomes.every(({ ok }) => ok),
        summary: outcomes.map(({ summary }) => summary).join('; '),
        output: outcomes.map(({ output }) => output).join('\n'),
      };
    };
  });
}

function summaryOf(revision: string, { passed, failed, scenarios, failing, pending }: Figures): string {
  const checks = `${passed} of ${passed + failed} checks passed in ${scenarios} scenarios`;
  const unscored = pending.passed + pending.failed;
  const more = unscored === 0 ? '' : `, and ${pending.passed} of ${unscored} that are not scored yet`;
  const which = failing.length === 0 ? '' : `, failing: ${failing.join(', ')}`;
  return `${revision}: ${checks}${more}${which}`;
}

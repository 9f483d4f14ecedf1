import { appendFileSync } from 'node:fs';
import picomatch from 'picomatch';
import { describe, it } from 'vitest';
import { hostileTargets } from './targets/index.ts';
import { runHostile } from './testing/hostile-run.ts';

/** What every run may use at most, in MiB. */
const maxMemory = 300;

/** A table of all runs is written there, for documents. */
const tableFile = process.env['HOSTILE_TABLE'] ?? '';

/** Names or globs, as `npm run prove -- hostile` passes them on. */
const isChosen = picomatch((process.env['HOSTILE'] ?? '*').split(' '));

const waiting = Object.entries(hostileTargets).filter(([name]) => isChosen(name));

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const controlCharacters = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202e]/;

describe.concurrent('hostile targets', () => {
  for (const [name, target] of waiting) {
    it(`${name}: ${target.about}`, { timeout: ((target.withinSeconds ?? 90) + 30) * 1000 }, async ({
      expect,
    }) => {
      const run = await runHostile(name, target);
      // As it reads, wherever its lines are broken.
      const told = run.output.replace(/\s+/g, ' ');
      const reason = target.reason.exec(told)?.[0] ?? '';
      if (tableFile !== '') {
        const row = [name, run.exitCode, reason.slice(0, 70), run.seconds.toFixed(1), run.peakMiB];
        appendFileSync(tableFile, `| ${row.join(' | ')} |${run.leftBehind.join(', ')}\n`);
        appendFileSync(`${tableFile}.d-${name}`, run.output);
      }
      expect.soft(run.exitCode, run.output.slice(-3000)).toBe(target.exitCode);
      expect.soft(told).toMatch(target.reason);
      expect.soft(run.leftBehind).toEqual([]);
      expect.soft(run.peakMiB).toBeGreaterThan(0);
      expect.soft(run.peakMiB).toBeLessThan(maxMemory);
      // Neither did the kit fail itself, nor does it show its inside or pass on what steers a terminal.
      expect.soft(run.output).not.toMatch(/internal error|please report|^\s+at .+:\d+:\d+/m);
      expect.soft(withoutCommands(run.output)).not.toMatch(controlCharacters);
      expect.soft(withoutCommands(run.output)).not.toMatch(/^\s*(::|##\[)/m);
      expect.soft(brokenCases(run.reports.json)).toEqual([]);
      expect.soft(run.reports.markdown).not.toMatch(controlCharacters);
      expect.soft(run.reports.junit).not.toMatch(controlCharacters);
    });
  }
});

/** Workflow commands of GitHub Actions are taken wherever a line begins with one, blanks or not: only ours may be there. */
function withoutCommands(output: string): string {
  const [stop, token] = /^::stop-commands::([\w-]+)\n/m.exec(output) ?? [];
  if (stop === undefined) return output;
  const [before = '', after = ''] = output.split(stop);
  const [quiet = '', commands = ''] = after.split(`::${token}::\n`);
  return `${before}${quiet}${commands.replace(/^::error .*$/gm, '')}`;
}

/** Cases that the kit itself could not carry out. */
function brokenCases(report: string): readonly string[] {
  const document: {
    readonly cases?: readonly { readonly id: string; readonly outcome: { readonly kind: string } }[];
  } = JSON.parse(report);
  return (document.cases ?? []).filter(({ outcome }) => outcome.kind === 'broken').map(({ id }) => id);
}

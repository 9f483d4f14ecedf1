import { appendFileSync } from 'node:fs';
import picomatch from 'picomatch';
import { describe, it } from 'vitest';
import { hostileTargets } from './targets/index.ts';
import { runHostile } from './testing/hostile-run.ts';

/** Memory limit of a run, in MiB. */
const maxMemory = 300;

/** Path of a Markdown table of all runs, for the documentation. Empty by default. */
const tableFile = process.env['HOSTILE_TABLE'] ?? '';

/** Names or globs from `npm run prove -- hostile`. */
const isChosen = picomatch((process.env['HOSTILE'] ?? '*').split(' '));

const chosenTargets = Object.entries(hostileTargets).filter(([name]) => isChosen(name));

// biome-ignore lint/suspicious/noControlCharactersInRegex: the test searches for control characters
const controlCharacters = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202e]/;

describe.concurrent('hostile targets', () => {
  for (const [name, target] of chosenTargets) {
    it(`${name}: ${target.about}`, { timeout: ((target.withinSeconds ?? 90) + 30) * 1000 }, async ({
      expect,
    }) => {
      const run = await runHostile(name, target);
      // Joins wrapped lines, because the reason may span several.
      const text = run.output.replace(/\s+/g, ' ');
      const reason = target.reason.exec(text)?.[0] ?? '';
      if (tableFile !== '') {
        const row = [name, run.exitCode, reason.slice(0, 70), run.seconds.toFixed(1), run.peakMiB];
        appendFileSync(tableFile, `| ${row.join(' | ')} |${run.leftBehind.join(', ')}\n`);
        appendFileSync(`${tableFile}.d-${name}`, run.output);
      }
      expect.soft(run.exitCode, run.output.slice(-3000)).toBe(target.exitCode);
      expect.soft(text).toMatch(target.reason);
      expect.soft(run.leftBehind).toEqual([]);
      expect.soft(run.peakMiB).toBeGreaterThan(0);
      expect.soft(run.peakMiB).toBeLessThan(maxMemory);
      // The kit must not crash, show a stack trace or print terminal control sequences of the target.
      expect.soft(run.output).not.toMatch(/^internal error: |please report it|^\s+at .+:\d+:\d+/m);
      expect.soft(withoutCommands(run.output)).not.toMatch(controlCharacters);
      expect.soft(withoutCommands(run.output)).not.toMatch(/^\s*(::|##\[)/m);
      expect.soft(brokenCases(run.reports.json)).toEqual([]);
      expect.soft(run.reports.markdown).not.toMatch(controlCharacters);
      expect.soft(run.reports.junit).not.toMatch(controlCharacters);
    });
  }
});

/** Removes the kit's own workflow commands. GitHub Actions runs commands at the start of a line, even after spaces. */
function withoutCommands(output: string): string {
  const [stop, token] = /^::stop-commands::([\w-]+)\n/m.exec(output) ?? [];
  if (stop === undefined) return output;
  const [before = '', after = ''] = output.split(stop);
  const [quiet = '', commands = ''] = after.split(`::${token}::\n`);
  return `${before}${quiet}${commands.replace(/^::error .*$/gm, '')}`;
}

/** Returns the ids of broken cases: cases that the kit itself failed to run. */
function brokenCases(report: string): readonly string[] {
  const document: {
    readonly cases?: readonly { readonly id: string; readonly outcome: { readonly kind: string } }[];
  } = JSON.parse(report);
  return (document.cases ?? []).filter(({ outcome }) => outcome.kind === 'broken').map(({ id }) => id);
}

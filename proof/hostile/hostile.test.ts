import { appendFileSync } from 'node:fs';
import picomatch from 'picomatch';
import { describe, it } from 'vitest';
import { hostileTargets } from './targets/index.ts';
import { poisonMark } from './targets/texts.ts';
import { harmIn } from './testing/harm.ts';
import { type HostileRun, runHostile, runHostileMatrix } from './testing/hostile-run.ts';

/** Memory limit of a run, in MiB. */
const maxMemory = 300;

/** Path of a Markdown table of all runs, for the documentation. Empty by default. */
const tableFile = process.env['HOSTILE_TABLE'] ?? '';

/** Names or globs from `npm run prove -- hostile`. */
const isChosen = picomatch((process.env['HOSTILE'] ?? '*').split(' '));

const chosenTargets = Object.entries(hostileTargets).filter(([name]) => isChosen(name));

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
      expect
        .soft(run.exitCode, `exit code ${run.exitCode}, with this output:\n${run.output.slice(-3000)}`)
        .toBe(target.exitCode);
      expect.soft(text, 'the reason').toMatch(target.reason);
      expect.soft(run.leftBehind, 'left behind').toEqual([]);
      expect.soft(run.peakMiB, 'peak memory in MiB').toBeGreaterThan(0);
      expect.soft(run.peakMiB, 'peak memory in MiB').toBeLessThan(maxMemory);
      // The kit must not crash or show a stack trace.
      expect.soft(run.output).not.toMatch(/^internal error: |please report it|^\s+at .+:\d+:\d+/m);
      expect.soft(brokenCases(run.reports['json'] ?? ''), 'broken cases').toEqual([]);
      expect.soft(harmOf(run), 'harm').toEqual([]);
    });
  }

  const [texts = '', target] = chosenTargets.find(([name]) => name === 'markup-and-commands') ?? [];
  it.runIf(target !== undefined)(
    'the texts of one implementation do no harm in the reports of a matrix',
    { timeout: 120_000 },
    async ({ expect }) => {
      if (target === undefined) return;
      const run = await runHostileMatrix(texts, target);
      expect.soft(run.exitCode, run.output.slice(-3000)).toBe(1);
      expect.soft(run.reports['markdown']).toContain('Responses side by side');
      // The texts reach the readers of every report that shows answers.
      const shown = { ...run.reports, terminal: run.output, summary: run.summary };
      const without = Object.entries(shown).filter(
        ([name, text]) => name !== 'svg' && !text.includes(poisonMark),
      );
      expect.soft(without.map(([name]) => name)).toEqual([]);
      expect.soft(harmOf(run)).toEqual([]);
    },
  );
});

/** Maximum size of a report in bytes. */
const maxBytes: Readonly<Record<string, number>> = { markdown: 1 << 20, svg: 1 << 20, html: 5_000_000 };

/** Returns the markup and the commands of the target in the output, the step summary and the reports. */
function harmOf({ output, summary, reports }: HostileRun): readonly string[] {
  const texts = { ...reports, 'step summary': summary, terminal: withoutCommands(output) };
  return Object.entries(texts).flatMap(([name, text]) => {
    const size = Buffer.byteLength(text);
    return [
      ...(size === 0 ? [`${name}: it is empty`] : []),
      ...(size > (maxBytes[name] ?? 40_000_000) ? [`${name}: it has ${size} bytes`] : []),
      ...harmIn(name === 'step summary' ? 'markdown' : name, text).map((harm) => `${name}: ${harm}`),
    ];
  });
}

/** Removes the kit's own workflow commands. GitHub Actions runs commands at the start of a line, even after spaces. */
function withoutCommands(output: string): string {
  const [stop, token] = /^::stop-commands::([\w-]+)\n/m.exec(output) ?? [];
  if (stop === undefined) return output;
  const [before = '', after = ''] = output.split(stop);
  const [quiet = '', commands = ''] = after.split(`::${token}::\n`);
  return `${before}${quiet}${commands.replace(/^::error (?=title=[^:]*::)/gm, '')}`;
}

/** Returns the ids of broken cases: cases that the kit itself failed to run. */
function brokenCases(report: string): readonly string[] {
  const document: {
    readonly cases?: readonly { readonly id: string; readonly outcome: { readonly kind: string } }[];
  } = JSON.parse(report);
  return (document.cases ?? []).filter(({ outcome }) => outcome.kind === 'broken').map(({ id }) => id);
}

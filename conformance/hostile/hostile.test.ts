import { appendFileSync } from 'node:fs';
import { describe, it } from 'vitest';
import { hostileTargets } from './targets/index.ts';
import { runHostile } from './testing/hostile-run.ts';

/** What every run may use at most, in MiB. */
const mostMemory = 300;

/** A table of all runs is written there, for documents. */
const tableFile = process.env['HOSTILE_TABLE'] ?? '';

const waiting = Object.entries(hostileTargets);

describe.concurrent('hostile targets', () => {
  for (const [name, target] of waiting) {
    it(`${name}: ${target.about}`, { timeout: ((target.withinSeconds ?? 30) + 30) * 1000 }, async ({
      expect,
    }) => {
      const run = await runHostile(name, target);
      const reason = target.reason.exec(run.output)?.[0] ?? '';
      if (tableFile !== '') {
        const row = [
          name,
          run.exitCode,
          reason.replaceAll('\n', ' ').slice(0, 70),
          run.seconds.toFixed(1),
          run.peakMiB,
        ];
        appendFileSync(tableFile, `| ${row.join(' | ')} |${run.leftBehind.join(', ')}\n`);
        appendFileSync(`${tableFile}.d-${name}`, run.output);
      }
      expect.soft(run.exitCode, run.output.slice(-3000)).toBe(target.exitCode);
      expect.soft(run.output).toMatch(target.reason);
      expect.soft(run.leftBehind).toEqual([]);
      expect.soft(run.peakMiB).toBeGreaterThan(0);
      expect.soft(run.peakMiB).toBeLessThan(mostMemory);
      // Neither did the kit fail itself, nor does it show its inside.
      expect
        .soft(run.output)
        .not.toMatch(/internal error|please report|could not be carried out|\n\s+at .+:\d+:\d+/);
    });
  }
});

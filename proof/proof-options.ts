import { type Command, InvalidArgumentError } from 'commander';
import { readSeconds } from './duration.ts';
import { fastPaths } from './fast-paths/paths.ts';
import type { FaultKind } from './harness/kinds.ts';
import { mutatedParts } from './stryker/subjects.ts';

/** Adds the options of a proof with faults. */
export function acceptFaults(command: Command, kind: FaultKind): Command {
  command
    .argument('[names...]', 'names or globs of faults')
    .option('--clause <clause>', 'selects the faults of this clause; may be a glob; repeatable', collect)
    .option('--sample <number>', 'selects this many of them, evenly spread', wholeNumber)
    .option('--list', 'lists the faults without running cases')
    .option('--together <number>', 'number of concurrent trials', wholeNumber)
    .option('--report <kind=file,...>', 'writes a json or html report, with every failed case', collect)
    .option('--markdown <file>', 'writes the report as Markdown')
    .option('--whole-suite', `runs all cases against each; by default, ${casesOf(kind)}`);
  if (kind !== 'runtime') return command;
  return command
    .option(
      '--isolation <number>',
      'runs all cases against this many of them, evenly spread, and scores their reports',
      wholeNumber,
    )
    .option('--resume <file>', 'keeps finished trials in a file, and takes over those of the same build');
}

function casesOf(kind: FaultKind): string {
  return kind === 'variations' ? 'only those that it may concern' : 'only those of its clause';
}

/** Adds the options of a proof with clients of our gateway. */
export function acceptTargets(command: Command): Command {
  return command
    .argument(
      '[targets...]',
      'embedded (default, with the configured images), image:NAME, command:LINE, socket:PATH',
    )
    .option('--transport <kind>', 'transport between gateway and runtime: grpc (default) or http')
    .option('--cache <folder>', 'folder for the programs to install from npm and PyPI')
    .option('--verbose', 'shows the output of the program even if all checks pass');
}

/** Adds the options of the mutants of Stryker. */
export function acceptStryker(command: Command): Command {
  return command
    .argument('[names...]', `${mutatedParts.map(({ name }) => name).join(', ')}, or globs of mutated files`)
    .option('--sample <number>', 'tries this many of the mutants, evenly spread', wholeNumber)
    .option('--together <number>', 'number of concurrent trials', wholeNumber)
    .option('--resume <file>', 'keeps finished trials in a file, and takes over those of the same runtime')
    .option('--markdown <file>', 'writes the report as Markdown');
}

/** Adds the options of the chaos. */
export function acceptChaos(command: Command): Command {
  return command
    .option('--duration <time>', 'time with disturbances, such as 45s or 10m (default: 10m)', readSeconds)
    .option('--callers <number>', 'number of callers (default: 200)', wholeNumber)
    .option(
      '--runtime <kind>',
      'typescript (default), go or rust; repeat it to choose one for each gateway',
      collect,
    )
    .option('--seed <number>', 'seed of the disturbances and the calls (default: 1)', wholeNumber)
    .option('--report <json=file>', 'writes a json report', collect)
    .option('--faults', 'uses gateways with faults; passes if each invariant is violated');
}

/** Adds the options of the fast paths. */
export function acceptFastPaths(command: Command): Command {
  return command
    .argument('[names...]', `${fastPaths.map(({ name }) => name).join(', ')}; all by default`)
    .option('--rounds <number>', 'number of measurements of each side', wholeNumber, 12);
}

/** Collects the values of a repeatable option. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

/** Parses a whole number. @throws InvalidArgumentError */
export function wholeNumber(value: string): number {
  if (!/^[1-9]\d{0,5}$/.test(value)) throw new InvalidArgumentError('Must be a whole number above 0.');
  return Number(value);
}

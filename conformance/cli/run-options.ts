import { nearest } from '../load/nearest.ts';
import type { Selection } from '../plan/select-cases.ts';
import { UsageError } from '../plan/usage-error.ts';
import { makeCommand, type WrittenOptions } from './command-line.ts';
import { parseWords } from './command-parts.ts';
import { checkApart, parseReports, type ReportRequest } from './report-request.ts';
import { readTarget, type TargetOptions } from './target-options.ts';
import { allVerbs } from './verbs.ts';

/** A run as it was asked for. */
export interface RunRequest {
  readonly target: TargetOptions;
  readonly selection: Selection;
  readonly knownFailures?: string;
  readonly writeKnownFailures?: string;
  readonly failOnSkip: boolean;
  readonly bail: boolean;
  readonly caseTimeoutMs?: number;
  readonly readyTimeoutMs: number;
  readonly concurrency: number;
  readonly verbose: boolean;
  readonly reports: readonly ReportRequest[];
  /** False with `--no-color`; undefined where nothing was said. */
  readonly colour?: boolean;
}

/** What the command line asks for. */
export type Invocation =
  | { readonly kind: 'run'; readonly request: RunRequest }
  | { readonly kind: 'list'; readonly selection: Selection }
  | { readonly kind: 'explain'; readonly subject: string; readonly fixtures?: string }
  /** Help or version: to be written as it is. */
  | { readonly kind: 'text'; readonly text: string };

/**
 * Reads the command line.
 * @param words without the program's own name
 * @throws UsageError
 */
export function parseCommandLine(words: readonly string[], version: string): Invocation {
  const separator = words.indexOf('--');
  const own = separator < 0 ? words : words.slice(0, separator);
  const targetArguments = separator < 0 ? [] : words.slice(separator + 1);

  const command = makeCommand(version);
  const parsed = parseWords(command, own);
  if (parsed.kind === 'text') return parsed;
  const [stray] = parsed.args;
  if (stray !== undefined) {
    if (Object.hasOwn(allVerbs, stray)) {
      throw new UsageError(`${stray} is a command of its own: it has to be the first word`);
    }
    const verb = nearest(stray, Object.keys(allVerbs));
    throw new UsageError(
      `unexpected argument ${stray}: ${verb === undefined ? '' : `did you mean ${verb}? `}options begin with --, arguments of the target follow --`,
    );
  }
  return invocation(command.opts<WrittenOptions>(), targetArguments);
}

function invocation(options: WrittenOptions, targetArguments: readonly string[]): Invocation {
  const target = readTarget(options, targetArguments);
  const selection: Selection = {
    level: options.level,
    capabilities: [...new Set(options.capability ?? [])],
    suites: options.suite ?? [],
    cases: options.case ?? [],
    fixtures: options.fixtures,
  };
  if (options.list && options.explain !== undefined) {
    throw new UsageError('--list and --explain exclude each other');
  }
  if (options.list) return { kind: 'list', selection };
  if (options.explain !== undefined) {
    const { fixtures } = options;
    return { kind: 'explain', subject: options.explain, fixtures };
  }
  const reports = parseReports(options.report ?? []);
  checkApart(options.writeKnownFailures, reports);
  return {
    kind: 'run',
    request: {
      target,
      selection,
      knownFailures: options.knownFailures,
      writeKnownFailures: options.writeKnownFailures,
      failOnSkip: options.failOnSkip ?? false,
      bail: options.bail ?? false,
      caseTimeoutMs: options.timeout && options.timeout * 1_000,
      readyTimeoutMs: options.readyTimeout * 1_000,
      concurrency: options.concurrency,
      verbose: options.verbose ?? false,
      reports,
      ...(options.color === false ? { colour: false } : {}),
    },
  };
}

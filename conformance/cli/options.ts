import { CommanderError } from 'commander';
import { nearest } from '../fixture/nearest.ts';
import { makeCommand, type WrittenOptions } from './command-line.ts';
import { parseReports, type ReportRequest } from './report-request.ts';
import { readTarget, type TargetOptions } from './target-options.ts';
import { UsageError } from './usage-error.ts';
import { VERBS } from './verbs.ts';

/** Which cases are meant. */
export interface Selection {
  readonly level: 'core' | 'strict';
  /** Capabilities that the target has to declare. */
  readonly capabilities: readonly string[];
  /** Globs. */
  readonly suites: readonly string[];
  /** Globs; one without a slash is held against the name after the suite. */
  readonly cases: readonly string[];
  /** A folder of cases in place of the kit's own. */
  readonly fixtures?: string;
}

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
  let output = '';
  command.configureOutput({
    writeOut: (text) => {
      output += text;
    },
    writeErr: () => {},
  });
  try {
    command.parse([...own], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'text', text: output };
    throw usageError(
      error,
      command.options.map((option) => option.long ?? ''),
    );
  }
  const [stray] = command.args;
  if (stray !== undefined) {
    const verb = nearest(stray, Object.keys(VERBS));
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
    ...(options.fixtures === undefined ? {} : { fixtures: options.fixtures }),
  };
  if (options.list && options.explain !== undefined) {
    throw new UsageError('--list and --explain exclude each other');
  }
  if (options.list) return { kind: 'list', selection };
  if (options.explain !== undefined) {
    const { fixtures } = options;
    return { kind: 'explain', subject: options.explain, ...(fixtures === undefined ? {} : { fixtures }) };
  }
  return {
    kind: 'run',
    request: {
      target,
      selection,
      ...(options.knownFailures === undefined ? {} : { knownFailures: options.knownFailures }),
      ...(options.writeKnownFailures === undefined ? {} : { writeKnownFailures: options.writeKnownFailures }),
      failOnSkip: options.failOnSkip ?? false,
      bail: options.bail ?? false,
      ...(options.timeout === undefined ? {} : { caseTimeoutMs: options.timeout * 1_000 }),
      readyTimeoutMs: options.readyTimeout * 1_000,
      concurrency: options.concurrency,
      verbose: options.verbose ?? false,
      reports: parseReports(options.report ?? []),
      ...(options.color === false ? { colour: false } : {}),
    },
  };
}

/** commander's message on one line, with our own suggestion. */
function usageError(error: CommanderError, flags: readonly string[]): UsageError {
  const message = error.message.replace(/^error: /, '').replace(/\s+/g, ' ');
  const unknown = /^unknown option '(?<flag>[^'=]+)/.exec(message)?.groups?.['flag'];
  if (unknown !== undefined) {
    const near = nearest(unknown, [...flags, '--help']);
    return new UsageError(
      `unknown option ${unknown}${near === undefined ? '; --help lists all options' : `; did you mean ${near}?`}`,
    );
  }
  const missing = /^option '(?<flag>\S+)[^']*' argument missing$/.exec(message)?.groups?.['flag'];
  return new UsageError(missing === undefined ? message : `${missing} needs a value`);
}

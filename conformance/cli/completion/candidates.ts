import type { Option } from 'commander';
import type { CliCommand } from '../cli-command.ts';
import { type Completion, completionOf } from './option-completion.ts';

/** A word that may replace the incomplete one. */
export interface Candidate {
  readonly value: string;
  /** One line about it. */
  readonly about?: string;
}

/** The candidates for an incomplete word. */
export interface Candidates {
  readonly values: readonly Candidate[];
  /** Set if paths also fit. The incomplete word begins with `prefix`, which is not part of the path. */
  readonly paths?: { readonly kind: 'files' | 'folders'; readonly prefix: string };
}

/**
 * Returns the candidates for the last word of a command line, from the declared commands and options.
 * @param program the program, whose commands may not be loaded yet
 * @param words the words after the program name. The last one is incomplete, and may be empty
 */
export async function candidatesFor(program: CliCommand, words: readonly string[]): Promise<Candidates> {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const { command, rest } = await commandOf(program, before);
  // Arguments of the target.
  if (before.includes('--')) return { values: [], paths: { kind: 'files', prefix: '' } };
  const context = { command: command.name(), before };
  const [, flag, start] = /^(--[^=]+=)(.*)$/s.exec(current) ?? [];
  if (flag !== undefined && start !== undefined) {
    const option = optionNamed(command, flag.slice(0, -1));
    return option === undefined
      ? { values: [] }
      : valuesOf(await completionOf(option, start, context), { prefix: flag, start });
  }
  const pending = optionNamed(command, before.at(-1) ?? '');
  if (pending?.required) {
    return valuesOf(await completionOf(pending, current, context), { prefix: '', start: current });
  }
  const options = starting(optionsOf(command), current);
  if (current.startsWith('-')) return { values: options };
  const commands =
    rest.length > 0
      ? []
      : command.commands.map((each) => ({ value: each.name(), about: each.summary() || each.description() }));
  const { values, paths } = positional(command, rest);
  const named = starting([...commands, ...values], current);
  return { values: current === '' ? [...named, ...options] : named, ...(paths && { paths }) };
}

/** Finds the command that the words name, and loads its options. */
async function commandOf(
  program: CliCommand,
  words: readonly string[],
): Promise<{ readonly command: CliCommand; readonly rest: readonly string[] }> {
  let command = program;
  let rest = words;
  for (;;) {
    const [first] = rest;
    const next = command.commands.find((each) => each.name() === first) as CliCommand | undefined;
    if (next === undefined) return { command, rest };
    await next.load();
    command = next;
    rest = rest.slice(1);
  }
}

function optionNamed(command: CliCommand, flag: string): Option | undefined {
  return command.options.find(({ long, short }) => flag !== '' && (long === flag || short === flag));
}

function optionsOf(command: CliCommand): readonly Candidate[] {
  const declared = command.options.map(({ long, short, description }) => {
    return { value: long ?? short ?? '', about: description };
  });
  return declared.some(({ value }) => value === '--help')
    ? declared
    : [...declared, { value: '--help', about: 'show this help' }];
}

function positional(command: CliCommand, rest: readonly string[]): Candidates {
  switch (command.name()) {
    case 'completion':
      return { values: rest.length > 0 ? [] : ['bash', 'zsh', 'fish'].map((value) => ({ value })) };
    case 'compare':
    case 'merge':
    case 'html':
      return { values: [], paths: { kind: 'files', prefix: '' } };
    case 'site':
      return { values: [], paths: { kind: 'folders', prefix: '' } };
    default:
      return { values: [] };
  }
}

function valuesOf(
  { values = [], paths, prefix: own = '' }: Completion,
  { prefix, start }: { readonly prefix: string; readonly start: string },
): Candidates {
  const fitting = starting(
    values.map((value) => ({ value })),
    start,
  ).map(({ value }) => ({ value: `${prefix}${value}` }));
  return { values: fitting, ...(paths && { paths: { kind: paths, prefix: `${prefix}${own}` } }) };
}

function starting(candidates: readonly Candidate[], start: string): readonly Candidate[] {
  return candidates.filter(({ value }) => value.startsWith(start));
}

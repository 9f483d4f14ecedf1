import { nearest } from '../../load/nearest.ts';
import { UsageError } from '../../plan/usage-error.ts';
import { listed } from '../../text/text.ts';
import type { TargetOptions } from '../target-options.ts';

/** A value of `--target`. */
export type TargetValue =
  /** `NAME=KIND:VALUE`: a target of its own. */
  | { readonly kind: 'defined'; readonly name: string; readonly target: TargetOptions }
  /** `NAME`: one of the configuration file. */
  | { readonly kind: 'named'; readonly name: string };

const kinds = ['image', 'command', 'socket', 'embedded'] as const;

/**
 * Reads a value of `--target`: `ts=image:my-runtime:latest`, `go=command:./my-runtime`, `rust=socket:/run/x.sock`,
 * `kit=embedded`, or the name of a configured target.
 * @throws UsageError
 */
export function parseTarget(value: string): TargetValue {
  const [, name = '', separator, spec = ''] = /^([^=]*)(=?)(.*)$/s.exec(value) ?? [];
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/.test(name)) {
    throw new UsageError(
      `--target ${value}: write NAME=KIND:VALUE, such as ts=image:my-runtime:latest; a name is of letters, digits, ".", "_" and "-"`,
    );
  }
  if (separator === '') return { kind: 'named', name };
  return { kind: 'defined', name, target: targetOf(spec, value) };
}

function targetOf(spec: string, whole: string): TargetOptions {
  const [, word = '', , rest = ''] = /^([^:]*)(:?)(.*)$/s.exec(spec) ?? [];
  const kind = kinds.find((known) => known === word);
  if (kind === undefined) {
    const near = nearest(word, kinds);
    const hint = near === undefined ? `it has to be ${listed(kinds)}` : `did you mean ${near}?`;
    throw new UsageError(`--target ${whole}: "${word}" is no kind of target, ${hint}`);
  }
  if (kind === 'embedded') {
    if (rest === '' || rest === 'conformance') return { kind, catalog: 'conformance' };
    if (rest === 'empty') return { kind, catalog: 'empty' };
    throw new UsageError(`--target ${whole}: the catalog has to be conformance or empty, not ${rest}`);
  }
  if (rest.trim() === '') throw new UsageError(`--target ${whole}: ${kind} needs a value after the colon`);
  switch (kind) {
    case 'image':
      return { kind, image: rest, env: [], envFiles: [], args: [], mounts: [] };
    case 'command':
      return { kind, command: rest, env: [], envFiles: [], args: [] };
    case 'socket':
      return { kind, path: rest };
  }
}

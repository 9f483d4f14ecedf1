import type { Runner, Transport } from './runner.ts';

/** A value in the configuration file, and its context. */
export interface ConfiguredValue {
  readonly value: unknown;
  /** The folder of the file, to which paths are relative. */
  readonly folder: string;
  /** Returns the source text of a key in the mapping `value`. */
  readonly sourceOf: (key: string) => string | undefined;
}

/** A flag of a kind of target. The configuration file has a key of the same name. */
export interface TargetFlag<Key extends string = string> {
  /** The name without dashes. */
  readonly name: string;
  /** The placeholder for the value in the help. */
  readonly placeholder: string;
  /** One line for the help, in lower case. */
  readonly description: string;
  /** The member of the target that receives the value. */
  readonly key: Key;
  /** `list` for a repeatable flag, or the permitted values. Undefined: one string. */
  readonly takes?: 'list' | readonly string[];
  /** The value that the flag has if it is given without one. Undefined: the flag requires a value. */
  readonly omitted?: string;
  /** The pattern of a valid value, and its name for messages. */
  readonly form?: { readonly pattern: string; readonly title: string };
  /** The JSON schema of the key. Default: the schema of a string or of a list of strings. */
  readonly schema?: Readonly<Record<string, unknown>>;
  /** Converts the value in the configuration file. Default: unchanged. */
  readonly configured?: (written: ConfiguredValue) => string | readonly string[];
  /** Returns the value for reports, without secrets. Default: unchanged. */
  readonly shown?: (value: string) => string;
}

/** Yes, no, or yes with a restriction in words. */
export type Ability = boolean | string;

/** The operations that the kit supports for targets of one kind. */
export interface Abilities {
  /** The kit starts and ends the target. */
  readonly launch: Ability;
  /** The kit sends signals to the target. */
  readonly signal: Ability;
  /** The kit sets variables of the target. */
  readonly environment: Ability;
  /** The kit can access the socket file. */
  readonly socketFile: Ability;
  /** The kit reads the output of the target. */
  readonly logs: Ability;
  /** The target keeps running after the run. */
  readonly sessionsOutliveRun: Ability;
}

/** The operations that the kit supports for targets that it starts as child processes. */
export const startedAbilities: Abilities = {
  launch: true,
  signal: true,
  environment: true,
  socketFile: true,
  logs: true,
  sessionsOutliveRun: false,
};

/** The runner abilities for targets in containers. */
export const containerAbilities: Abilities = { ...startedAbilities, socketFile: 'yes; not behind a relay' };

/** The parts of a target that change when its author works on it. */
export interface ChangingParts {
  /** The words of the command, which may name files: the program and its arguments. */
  readonly command?: readonly string[];
  readonly files?: readonly string[];
  /** A socket file, which a restarted runtime binds again. */
  readonly socket?: string;
  /** Returns the names of the container images. @throws RunnerError */
  readonly images?: () => Promise<readonly string[]>;
}

/**
 * The descriptor of a kind of target. Code outside the kind's folder depends only on this descriptor.
 * @typeParam Key the members of the target that flags set
 */
export interface TargetKind<T extends { readonly kind: string }, Key extends string = KeyOf<T>> {
  /** The KIND in `--target NAME=KIND:VALUE`, and the key for the target's value in the configuration file. */
  readonly name: T['kind'];
  /** The flag that names a target of this kind. */
  readonly flag: TargetFlag<Key>;
  /** The value for `--target NAME=KIND` without a value. Undefined: the value is required. */
  readonly defaultValue?: string;
  /** The other flags of the kind, in help order. Kinds that share a flag share the object. */
  readonly flags: readonly TargetFlag<Key>[];
  /** Whether the kind accepts arguments after `--`, as the member `args`. */
  readonly takesArguments: boolean;
  readonly abilities: Abilities;
  /** Describes the target for people. */
  describe(target: T): string;
  /** Checks the options without starting anything. @throws RunnerError `bad-option` */
  check?(target: T): void;
  /** Starts to load the modules for `start`. Call it as soon as a run is certain. */
  preload?(): void;
  /** Returns the parts that change when the author works on the target. Undefined: it never changes. */
  changingParts?(target: T): ChangingParts;
  /** Returns the socket path of a target that the kit does not start. Undefined: the kit starts the target. */
  socketOf?(target: T): string;
  /**
   * Creates the runner, and loads its modules on demand.
   * @param transport the protocol that the target must serve. Default: gRPC
   * @throws RunnerError
   */
  start(target: T, transport?: Transport): Promise<Runner>;
}

/** The member names of all targets in a union, without `kind`. */
export type KeyOf<T> = T extends unknown ? Exclude<keyof T, 'kind'> & string : never;

import type { Runner } from './runner.ts';

/** A value in the configuration file, and what is needed to read it. */
export interface ConfiguredValue {
  readonly value: unknown;
  /** The file's folder: relative paths start there. */
  readonly folder: string;
  /** What is written for a key of a mapping, letter by letter. */
  readonly sourceOf: (key: string) => string | undefined;
}

/** A flag about targets. The configuration file has a key of the same name. */
export interface TargetFlag<Key extends string = string> {
  /** Without dashes. */
  readonly name: string;
  /** The word for its value in help. */
  readonly placeholder: string;
  /** One line for the help, in lower case. */
  readonly description: string;
  /** The member of the target that holds the value. */
  readonly key: Key;
  /** A flag that may be repeated, or the words that it takes. Absent: one text. */
  readonly takes?: 'list' | readonly string[];
  /** What every value has to look like, and what such a value is called. */
  readonly form?: { readonly pattern: string; readonly title: string };
  /** The JSON schema of the key, where it is not that of a text, or of a list of texts. */
  readonly schema?: Readonly<Record<string, unknown>>;
  /** Reads the key. Default: the value as it is. */
  readonly configured?: (written: ConfiguredValue) => string | readonly string[];
  /** A value as a report may show it, without secrets. Default: as it is. */
  readonly shown?: (value: string) => string;
}

/** Yes, no, or yes with a restriction in words. */
export type Ability = boolean | string;

/** What the kit can do to targets of a kind. */
export interface Abilities {
  /** Starts and ends it. */
  readonly launch: Ability;
  /** Sends it signals. */
  readonly signal: Ability;
  /** Changes its variables. */
  readonly environment: Ability;
  /** Sees the socket file. */
  readonly socketFile: Ability;
  /** Reads what it writes. */
  readonly logs: Ability;
  /** It goes on after the run. */
  readonly sessionsOutliveRun: Ability;
}

/** The abilities over targets that the kit starts as processes of its own. */
export const startedAbilities: Abilities = {
  launch: true,
  signal: true,
  environment: true,
  socketFile: true,
  logs: true,
  sessionsOutliveRun: false,
};

/** The same for targets in containers. */
export const containerAbilities: Abilities = { ...startedAbilities, socketFile: 'yes; not behind a relay' };

/**
 * Everything about a kind of target, so that no other part of the kit has to know it.
 * @typeParam Key the target's members that flags set
 */
export interface TargetKind<T extends { readonly kind: string }, Key extends string = KeyOf<T>> {
  /** As in `--target NAME=KIND:VALUE`; also the key of the configuration file that says what a target is. */
  readonly name: T['kind'];
  /** The flag that names a target of this kind. */
  readonly flag: TargetFlag<Key>;
  /** The value where `--target NAME=KIND` gives none. Absent: it needs one. */
  readonly defaultValue?: string;
  /** The flags that go with it, in the order of the help. Kinds that have a flag in common share the object. */
  readonly flags: readonly TargetFlag<Key>[];
  /** Takes arguments after `--`, as the member `args`. */
  readonly takesArguments: boolean;
  readonly abilities: Abilities;
  /** The target for people. */
  describe(target: T): string;
  /** Finds mistakes that show without starting anything. @throws RunnerError `bad-option` */
  check?(target: T): void;
  /** Begins to load what `start` will need; worth calling as soon as it is clear that there will be a run. */
  preload?(): void;
  /** The socket of a target that somebody else runs, which may come and go. Absent: the kit starts it. */
  socketOf?(target: T): string;
  /** Makes the runner, and loads its modules only then. @throws RunnerError */
  start(target: T): Promise<Runner>;
}

/** The members of each target of a union. */
export type KeyOf<T> = T extends unknown ? Exclude<keyof T, 'kind'> & string : never;

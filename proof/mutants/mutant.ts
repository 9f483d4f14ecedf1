import type { RuntimeHooks } from '../../reference-runtime/hooks.ts';
import type { RuntimeOptions } from '../../reference-runtime/options.ts';
import type { ServeOptions } from '../../reference-runtime/process/run.ts';

/** Behaviours that replace those of the reference runtime. */
export type Hooks = Partial<RuntimeHooks>;

/** Serves as the untouched process does, but for what is given here. Resolves to the exit code. */
export type Serve = (changes?: Omit<ServeOptions, 'version'> & { readonly hooks?: Hooks }) => Promise<number>;

/** The reference runtime with one fault. */
export interface Mutant {
  /** Unique; lower-case words with hyphens. */
  readonly name: string;
  /** The clause of `proto/CONTRACT.md` that it breaks. */
  readonly clause: string;
  /** What it does wrong, in one line. */
  readonly about: string;
  /** Behaviours that replace those of the reference runtime. */
  readonly hooks?: Hooks;
  /** Other options of the runtime. */
  readonly options?: RuntimeOptions;
  /** How the process behaves, in place of just serving. Returns the exit code. */
  readonly process?: (serve: Serve) => Promise<number>;
}

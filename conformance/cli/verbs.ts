import type { CommandContext } from './command-context.ts';

/** A command of its own, named by the first word of the command line. */
export interface Verb {
  /** What it does, in a line of the help. */
  readonly summary: string;
  /** Loads what carries it out, and only then: help has to be there at once. */
  readonly load: () => Promise<VerbAction>;
  /** It goes on until a signal ends it, so that a signal is no interruption: its own exit code counts. */
  readonly untilSignal?: true;
}

/**
 * Carries a verb out.
 * @param words what follows the verb
 * @returns the exit code
 * @throws UsageError and the other mistakes that `cli.ts` explains in a line
 */
export type VerbAction = (words: readonly string[], context: CommandContext) => Promise<number>;

/** All verbs by name, in the order of the help. Without one, the command line asks for a run against one target. */
export const allVerbs: Readonly<Record<string, Verb>> = {
  matrix: {
    summary: 'runs the suite on several implementations, side by side',
    load: async () => (await import('./matrix/matrix-command.ts')).matrixCommand,
  },
  compare: {
    summary: 'says what changed from one JSON report to another',
    load: async () => (await import('./compare/compare-command.ts')).compareCommand,
  },
  proto: {
    summary: 'check: whether a change of the proto module is compatible, and whom it touches',
    load: async () => (await import('./proto/proto-command.ts')).protoCommand,
  },
  gateway: {
    summary: 'serves MCP over HTTP in front of a runtime',
    load: async () => (await import('./gateway/gateway-command.ts')).gatewayCommand,
    untilSignal: true,
  },
  'check-gateway': {
    summary: 'checks a gateway: plays the runtime, and sends it HTTP requests',
    load: async () => (await import('./check-gateway/check-gateway-command.ts')).checkGatewayCommand,
  },
};

/** The verb that the command line begins with. */
export function verbOf(words: readonly string[]): Verb | undefined {
  const [name] = words;
  return name !== undefined && Object.hasOwn(allVerbs, name) ? allVerbs[name] : undefined;
}

/** The object from which instrumented code reads the active mutant, and in which it counts the mutants that it reaches. */
interface StrykerNamespace {
  /** The id of the active mutant. Undefined: the code behaves as written. */
  activeMutant?: string;
  /** The name under which reached mutants are counted. Undefined: as reached while the module loads. */
  currentTestId?: string;
  mutantCoverage?: {
    readonly static: Readonly<Record<string, number>>;
    readonly perTest: Readonly<Record<string, Readonly<Record<string, number>>>>;
  };
}

/** The environment variable that selects the active mutant of a process. Stryker defines its name. */
export const mutantVariable = '__STRYKER_ACTIVE_MUTANT__';

/** The environment variable with the file to which a process appends the ids of the mutants that it reached. */
export const coverageVariable = 'STRYKER_COVERAGE_FILE';

/** Returns the object that all instrumented modules of this process share. */
export function strykerNamespace(): StrykerNamespace {
  const scope = globalThis as { __stryker__?: StrykerNamespace };
  scope.__stryker__ ??= {};
  return scope.__stryker__;
}

/** Returns the ids of all mutants that this process has reached. */
export function reachedMutants(): readonly string[] {
  const { static: atLoad = {}, perTest = {} } = strykerNamespace().mutantCoverage ?? {};
  return [...new Set([atLoad, ...Object.values(perTest)].flatMap(Object.keys))];
}

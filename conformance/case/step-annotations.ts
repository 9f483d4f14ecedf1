import type { Coverage, Step } from './case.ts';

/** A step in a fixture: one verb with its argument, and optional annotations. */
export type WrittenStep = Readonly<Record<string, unknown>>;

/** The annotations of a step. They determine the meaning of its failure. */
export type StepAnnotations = Pick<Step, 'clauses' | 'setup'>;

const annotationKeys: ReadonlySet<string> = new Set(['clauses', 'setup', 'only'] satisfies (keyof Step)[]);

/** The case that checks the start of a session, a setup step by default. */
export const openSession: Coverage = { case: 'handshake/initialize', clause: 'INIT-1' };
/** The case that checks the start of an instance, a setup step by default. */
export const startInstance: Coverage = { case: 'lifecycle/serves', clause: 'LIFE-3' };

/** Returns whether a key of a step is an annotation instead of a verb. */
export function isAnnotation(key: string): boolean {
  return annotationKeys.has(key);
}

/** Returns the verbs of a step with their arguments. A valid step has exactly one. */
export function verbsOf(step: unknown): readonly (readonly [verb: string, argument: unknown])[] {
  return Object.entries(Object(step)).filter(([key]) => !isAnnotation(key));
}

/** Returns the annotations written on a step. */
export function annotationsOf(step: WrittenStep): StepAnnotations {
  const { clauses, setup } = step as StepAnnotations;
  return { ...(clauses && { clauses }), ...(setup && { setup }) };
}

/** Returns the items that a step is limited to: those of the catalog, or those of the target's own. */
export function limitOf(step: WrittenStep): Pick<Step, 'only'> {
  const { only } = step as Pick<Step, 'only'>;
  return only === undefined ? {} : { only };
}

/**
 * Returns the coverage of a verb that is a setup step by default: a `session` step, or a `launch` step without an
 * expectation.
 */
export function defaultSetup(verb: string, argument: unknown): Coverage | undefined {
  if (verb === 'session') return openSession;
  return verb === 'launch' && !('expect' in Object(argument)) ? startInstance : undefined;
}

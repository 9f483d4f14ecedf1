import type { Coverage, Step } from './case.ts';

/** A step in a fixture: one verb with its argument, and perhaps annotations. */
export type WrittenStep = Readonly<Record<string, unknown>>;

/** The part of a step that says what its failure means. */
export type StepAnnotations = Pick<Step, 'clauses' | 'setup'>;

const annotationKeys: ReadonlySet<string> = new Set(['clauses', 'setup'] satisfies (keyof StepAnnotations)[]);

/** Preparing steps that fixtures need not mark, each with the case that checks it. */
const openSession: Coverage = { case: 'handshake/initialize', clause: 'INIT-1' };
const startInstance: Coverage = { case: 'lifecycle/serves', clause: 'LIFE-3' };

/** Whether a key of a step is an annotation and not a verb. */
export function isAnnotation(key: string): boolean {
  return annotationKeys.has(key);
}

/** The verbs of a written step with their arguments. A valid step has one. */
export function verbsOf(step: unknown): readonly (readonly [verb: string, argument: unknown])[] {
  return Object.entries(Object(step)).filter(([key]) => !isAnnotation(key));
}

/** The annotations of a step as it is written. */
export function annotationsOf(step: WrittenStep): StepAnnotations {
  const { clauses, setup } = step as StepAnnotations;
  return { ...(clauses && { clauses }), ...(setup && { setup }) };
}

/**
 * Marks a step as preparing if its verb implies that: a session that a case opens in order to use it, and an instance
 * that it starts without an expectation.
 */
export function defaultSetup(verb: string, argument: unknown): Coverage | undefined {
  if (verb === 'session') return openSession;
  return verb === 'launch' && !('expect' in Object(argument)) ? startInstance : undefined;
}

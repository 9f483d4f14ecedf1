import type { Step } from '../case/case.ts';
import { newestRelease, type Since, strictest } from '../case/release.ts';
import { verbsOf, type WrittenStep } from '../case/step-annotations.ts';
import { nestedSteps } from './annotation-check.ts';

const withSessions: Since = { release: newestRelease, orWithSessions: true };
const newest: Since = { release: newestRelease };

/**
 * Returns the releases whose rules the steps of a case rely on, apart from their clauses. Release 1.0 has no sessions
 * for certain, so only runtimes with sessions can run a case that reads a session id, uses one as a value, expects the
 * refusal of a call in a session, or opens the stream of a session. Release 1.0 may send an error as a status, so a
 * case that expects status 200 with an error needs release 1.1.
 */
export function demandsOf(steps: readonly Step[]): Since | undefined {
  const sessions = new Set(['session', ...steps.flatMap(({ verb, argument }) => namesIn(verb, argument))]);
  return strictest(steps.map(({ verb, argument }) => demandOf({ [verb]: argument }, '', sessions)));
}

/** Returns the names that a `session` step gives its session. */
function namesIn(verb: string, argument: unknown): readonly string[] {
  const { as } = Object(argument);
  return verb === 'session' && typeof as === 'string' ? [as] : [];
}

/** Returns the demand of a value. @param key the key under which it is written */
function demandOf(value: unknown, key: string, sessions: ReadonlySet<string>): Since | undefined {
  if (typeof value === 'string')
    return key !== 'sessionId' && names(value, sessions) ? withSessions : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  if (key === 'expect' && isErrorWithStatus200(value)) return newest;
  if (key === 'mcp-session-id' && !('$absent' in value)) return withSessions;
  if (isRefusalInSession(value, sessions)) return withSessions;
  if (key === 'openStream' && names(Object(value).request?.sessionId, sessions)) return withSessions;
  return strictest(
    Object.entries(value).map(([name, member]) =>
      demandOf(member, Array.isArray(value) ? key : name, sessions),
    ),
  );
}

/** Returns whether a text refers to a session that the case opened. */
function names(text: unknown, sessions: ReadonlySet<string>): boolean {
  if (typeof text !== 'string') return false;
  return [...text.matchAll(/\$\{([^}]+)\}/g)].some(([, name = '']) => sessions.has(name));
}

/** Returns whether a call in a session must be refused because of that session. */
function isRefusalInSession(call: object, sessions: ReadonlySet<string>): boolean {
  const { request, expect }: { request?: unknown; expect?: unknown } = { ...call };
  const { status } = Object(expect);
  return (status === 403 || status === 404) && names(Object(request).sessionId, sessions);
}

function isErrorWithStatus200(expect: object): boolean {
  const { status, message }: { status?: unknown; message?: unknown } = { ...expect };
  const { $include: members = message }: { $include?: unknown } = Object(message);
  return status === 200 && 'error' in Object(members);
}

/** Returns whether a step opens a session, at any depth. */
export function opensSessions(steps: readonly Step[]): boolean {
  const within = (verb: string, argument: unknown): boolean =>
    verb === 'session' ||
    nestedSteps(argument).some(
      ([, nested]) =>
        Array.isArray(nested) &&
        nested.flatMap((step: WrittenStep) => verbsOf(step)).some(([inner, value]) => within(inner, value)),
    );
  return steps.some(({ verb, argument }) => within(verb, argument));
}

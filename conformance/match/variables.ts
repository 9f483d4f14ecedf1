import { writeJson } from './json.ts';

/** Thrown if a pattern or a request uses a variable that no step has saved. */
export class UnknownVariableError extends Error {
  override readonly name = 'UnknownVariableError';
  readonly code = 'unknown-variable';
  /** The name of the variable. */
  readonly variable: string;

  constructor(variable: string) {
    super(`no earlier step saves a variable "${variable}"`);
    this.variable = variable;
  }
}

/** Variables by name. */
export type ReadonlyVariables = Pick<ReadonlyMap<string, unknown>, 'get' | 'has'>;

const template = /\$?\$\{([A-Za-z][A-Za-z0-9_-]*)\}/g;
const wholeTemplate = /^\$\{([A-Za-z][A-Za-z0-9_-]*)\}$/;

/** Returns the names of the variables in a string, in order. `$${name}` is the literal text `${name}`. */
export function templateNames(text: string): readonly string[] {
  if (!text.includes('${')) return [];
  return [...text.matchAll(template)].flatMap(([match, name]) =>
    match.startsWith('$$') || name === undefined ? [] : [name],
  );
}

/**
 * Replaces `${name}` in a string with the variable. A string that is exactly `${name}` becomes the variable's value, of
 * whatever type. Inside other text, a string is inserted unchanged and any other value as JSON. `$${name}` becomes
 * `${name}`.
 * @throws UnknownVariableError
 */
export function substituteText(text: string, variables: ReadonlyVariables): unknown {
  if (!text.includes('${')) return text;
  const whole = wholeTemplate.exec(text)?.[1];
  if (whole !== undefined) return variableValue(whole, variables);
  return spliceText(text, (name) => asText(variableValue(name, variables)));
}

/** Replaces `${name}` inside a text with `textOf(name)`. */
export function spliceText(text: string, textOf: (name: string) => string): string {
  return text.replace(template, (match, name: string) =>
    match.startsWith('$$') ? match.slice(1) : textOf(name),
  );
}

/**
 * Replaces the variables in every string of a value, like `substituteText`. Keys stay unchanged.
 * @throws UnknownVariableError
 */
export function substitute(value: unknown, variables: ReadonlyVariables): unknown {
  if (typeof value === 'string') return substituteText(value, variables);
  if (Array.isArray(value)) return value.map((item) => substitute(item, variables));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, substitute(member, variables)]),
  );
}

/** Returns a variable's value as it appears inside other text: a string unchanged, any other value as JSON. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : (writeJson(value) ?? '');
}

/** Returns the value of a variable. @throws UnknownVariableError */
export function variableValue(name: string, variables: ReadonlyVariables): unknown {
  if (!variables.has(name)) throw new UnknownVariableError(name);
  return variables.get(name);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

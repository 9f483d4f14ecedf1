import { writeJson } from './json.ts';

/** A pattern or a request uses a variable that no step has saved. */
export class UnknownVariableError extends Error {
  override readonly name = 'UnknownVariableError';
  readonly code = 'unknown-variable';
  /** The name of the variable. */
  readonly variable: string;

  constructor(variable: string) {
    super(`no variable is named "${variable}" at this step`);
    this.variable = variable;
  }
}

/** Variables by name. */
export type ReadonlyVariables = Pick<ReadonlyMap<string, unknown>, 'get' | 'has'>;

const template = /\$?\$\{([A-Za-z][A-Za-z0-9_-]*)\}/g;
const wholeTemplate = /^\$\{([A-Za-z][A-Za-z0-9_-]*)\}$/;

/** The names of the variables in a string, in order. `$${name}` stands for the text `${name}` and names none. */
export function templateNames(text: string): readonly string[] {
  if (!text.includes('${')) return [];
  return [...text.matchAll(template)].flatMap(([match, name]) =>
    match.startsWith('$$') || name === undefined ? [] : [name],
  );
}

/**
 * Replaces `${name}` in a string by the variable. A string that is only `${name}` takes the variable's value, whatever its
 * type; within other text a string stands as it is and other values as JSON. `$${name}` becomes `${name}`.
 * @throws UnknownVariableError
 */
export function substituteText(text: string, variables: ReadonlyVariables): unknown {
  if (!text.includes('${')) return text;
  const whole = wholeTemplate.exec(text)?.[1];
  if (whole !== undefined) return variableValue(whole, variables);
  return spliceText(text, (name) => asText(variableValue(name, variables)));
}

/** Replaces `${name}` within a text by `textOf(name)`. */
export function spliceText(text: string, textOf: (name: string) => string): string {
  return text.replace(template, (match, name: string) =>
    match.startsWith('$$') ? match.slice(1) : textOf(name),
  );
}

/**
 * Replaces the variables in every string within a value, as `substituteText` does. Keys are left alone.
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

/** A variable's value within other text: a string as it stands, anything else as JSON. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : (writeJson(value) ?? '');
}

/** @throws UnknownVariableError */
export function variableValue(name: string, variables: ReadonlyVariables): unknown {
  if (!variables.has(name)) throw new UnknownVariableError(name);
  return variables.get(name);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

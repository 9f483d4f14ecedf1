import { errorMessage } from '../../base/error-message.ts';
import { didYouMean } from '../../base/nearest.ts';
import { regularExpression } from '../match/regular-expression.ts';
import { spliceText, templateNames } from '../match/variables.ts';
import { addMade, addMadeBy, branchOf, makers, type NameKind, type Names, placedSteps } from './names.ts';
import type { Mistake, ValuePath } from './yaml-file.ts';

/** Names that are defined outside a case and that its steps may use. */
export interface StepContext {
  readonly identities: ReadonlySet<string>;
  /** Names for `$schema`. */
  readonly schemas: ReadonlySet<string>;
  /** Names for `vector`. */
  readonly vectors: ReadonlySet<string>;
}

type Argument = Readonly<Record<string, unknown>>;

/** A part of a step and its path. */
interface Part<Value = unknown> {
  readonly value: Value;
  readonly path: ValuePath;
}

/**
 * Finds mistakes that the schema cannot: names and variables that no earlier step creates, unknown identities, schemas
 * and vectors, invalid regular expressions, and numbers that lose digits. The steps must have passed schema validation,
 * and their short words must be expanded.
 */
export function checkSteps(steps: unknown, path: ValuePath, context: StepContext): readonly Mistake[] {
  const check = new StepCheck(context);
  check.steps(steps, path, branchOf());
  return check.mistakes;
}

/** Things that steps refer to by a key of the same name. Any step but `disconnect` opens its `connection` if needed. */
const kindWords: Readonly<Record<NameKind, string>> = {
  stream: 'a stream',
  call: 'a background call',
  target: 'an instance',
  place: 'a place',
  connection: 'a connection',
};

/** Operators whose argument is not a pattern. */
const opaqueOperators: ReadonlySet<string> = new Set(['$literal', '$number', '$type', '$unique']);

class StepCheck {
  readonly mistakes: Mistake[] = [];
  readonly #context: StepContext;

  constructor(context: StepContext) {
    this.#context = context;
  }

  steps(steps: unknown, path: ValuePath, names: Names): void {
    for (const step of placedSteps(steps, path)) this.#step(step, names);
  }

  #step({ verb, argument, path }: ReturnType<typeof placedSteps>[number], names: Names): void {
    if (verb === 'parallel') this.#parallel(argument, path, names);
    else if (verb === 'eventually') this.steps(argument, path, names);
    else if (verb === 'repeat') this.#repeat(argument as Argument, path, names);
    else if (verb === 'alterations') this.#alterations(argument as Argument, path, names);
    else this.#plainStep(verb, { value: argument as Argument, path }, names);
  }

  #parallel(argument: unknown, path: ValuePath, names: Names): void {
    if (!Array.isArray(argument)) return;
    for (const branch of argument) addMade(branch, names);
    for (const [index, branch] of argument.entries()) this.steps(branch, [...path, index], branchOf(names));
  }

  #repeat(argument: Argument, path: ValuePath, names: Names): void {
    const together = argument['together'] === true;
    if (together) this.#sharedNames(argument['steps'], [...path, 'steps']);
    const inside = together ? branchOf(names) : names;
    if (typeof argument['as'] === 'string') inside.variables.add(argument['as']);
    this.steps(argument['steps'], [...path, 'steps'], inside);
  }

  #alterations({ of: text, as, steps }: Argument, path: ValuePath, names: Names): void {
    this.#value(text, [...path, 'of'], names);
    this.#sharedNames(steps, [...path, 'steps']);
    const inside = branchOf(names);
    if (typeof as === 'string') inside.variables.add(as);
    this.steps(steps, [...path, 'steps'], inside);
  }

  /** Names belong to the whole case, so concurrent turns of a `repeat` would overwrite each other's names. */
  #sharedNames(steps: unknown, path: ValuePath): void {
    for (const { verb, argument, path: place } of placedSteps(steps, path)) {
      const { as } = Object(argument);
      if (makers.has(verb) && as !== undefined) {
        const message = `the concurrent turns of this step would share the name "${as}"`;
        this.mistakes.push({
          path: [...place, 'as'],
          message,
          hint: 'use parallel with a distinct name in each branch',
        });
      }
    }
  }

  #plainStep(verb: string, { value: argument, path }: Part<Argument>, names: Names): void {
    const { expect, never, prompting, also, ...given } = argument;
    for (const [key, value] of Object.entries(given)) {
      const place = [...path, key];
      const isReference = Object.hasOwn(kindWords, key) && (key !== 'connection' || verb === 'disconnect');
      if (isReference) this.#reference(key as NameKind, { value, path: place }, names);
      else this.#value(value, place, names);
    }
    this.#outsideNames(argument, path);
    if (prompting !== undefined) this.steps(prompting, [...path, 'prompting'], branchOf(names));
    if (expect !== undefined) this.#value(expect, [...path, 'expect'], names, true);
    for (const [index, further] of Array.isArray(also) ? also.entries() : []) {
      this.#value(Object(further).expect, [...path, 'also', index, 'expect'], names, true);
    }
    if (never !== undefined) this.#value(never, [...path, 'never'], names, true);
    addMadeBy(verb, argument, names);
    if (verb === 'session')
      names.variables.add(typeof argument['as'] === 'string' ? argument['as'] : 'session');
  }

  #reference(kind: NameKind, { value: name, path }: Part, names: Names): void {
    const made = names.made.get(kind) ?? new Set();
    if (typeof name !== 'string' || made.has(name)) return;
    const message = `no earlier step creates ${kindWords[kind]} "${name}"`;
    this.mistakes.push({ path, message, hint: didYouMean(name, made) });
  }

  /** Checks the variables and numbers in a value that a step sends or, in a pattern, expects. */
  #value(value: unknown, path: ValuePath, names: Names, isPattern = false): void {
    if (typeof value === 'string') for (const name of templateNames(value)) this.#variable(name, path, names);
    if (typeof value === 'number') this.#number(value, path);
    if (typeof value !== 'object' || value === null) return;
    for (const [key, member] of Object.entries(value)) {
      const place = [...path, Array.isArray(value) ? Number(key) : key];
      if (isPattern && opaqueOperators.has(key)) continue;
      const check = isPattern && typeof member === 'string' ? this.#operators.get(key) : undefined;
      if (check === undefined) this.#value(member, place, names, isPattern);
      else check(member, place, names);
    }
  }

  /** Operators whose argument is a name or a regular expression. */
  readonly #operators = new Map<string, (text: string, path: ValuePath, names: Names) => void>([
    ['$regex', (source, path, names) => this.#regex(source, path, names)],
    ['$schema', (name, path) => this.#known('schema', { value: name, path })],
    ['$ref', (name, path, names) => this.#variable(name, path, names)],
    ['$save', (name, _path, names) => names.variables.add(name)],
  ]);

  #variable(name: string, path: ValuePath, names: Names): void {
    if (names.variables.has(name)) return;
    this.mistakes.push({
      path,
      message: `no earlier step saves a variable "${name}"`,
      hint: didYouMean(name, names.variables) ?? `write $\${${name}} for the literal text`,
    });
  }

  #number(value: number, path: ValuePath): void {
    if (!Number.isFinite(value)) {
      this.mistakes.push({ path, message: 'JSON cannot express this number' });
    } else if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
      const hint = 'send it as text, or expect it with $number';
      this.mistakes.push({ path, message: 'this integer exceeds 2^53 and may lose digits', hint });
    }
  }

  #regex(source: string, path: ValuePath, names: Names): void {
    this.#value(source, path, names);
    try {
      regularExpression(spliceText(source, () => ''));
    } catch (error) {
      const reason = errorMessage(error);
      this.mistakes.push({ path, message: `not a valid regular expression (${reason})` });
    }
  }

  /** Checks the identities and vectors of a step, of its request, and of the requests in its frames. */
  #outsideNames(argument: Argument, path: ValuePath): void {
    const holders: Part[] = [
      { value: argument, path },
      { value: argument['request'], path: [...path, 'request'] },
    ];
    const frames = argument['frames'];
    for (const [index, frame] of Array.isArray(frames) ? frames.entries() : []) {
      const place = [...path, 'frames', index];
      for (const [form, value] of Object.entries<unknown>(frame)) {
        if (form === 'message') holders.push({ value, path: [...place, form] });
        else holders.push({ value: Object(value).message, path: [...place, form, 'message'] });
        if (form === 'vector') this.#known('wire vector', { value: String(value), path: [...place, form] });
      }
    }
    const sends = argument['sends'];
    for (const [index, piece] of Array.isArray(sends) ? sends.entries() : []) {
      this.#identity(Object(piece).caller, [...path, 'sends', index, 'caller']);
    }
    for (const { value, path: place } of holders) {
      this.#identity(Object(value).authContext, [...place, 'authContext']);
    }
  }

  #identity(written: unknown, path: ValuePath): void {
    if (typeof written === 'object' && written !== null && 'identity' in written) {
      this.#identity(written.identity, [...path, 'identity']);
    }
    if (typeof written === 'string') this.#known('identity', { value: written, path });
  }

  #known(kind: 'identity' | 'wire vector' | 'schema', { value: name, path }: Part<string>): void {
    const { identities, vectors, schemas } = this.#context;
    const known = kind === 'identity' ? identities : kind === 'wire vector' ? vectors : schemas;
    if (known.has(name) || templateNames(name).length > 0) return;
    this.mistakes.push({ path, message: `unknown ${kind} "${name}"`, hint: didYouMean(name, known) });
  }
}

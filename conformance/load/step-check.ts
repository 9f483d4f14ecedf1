import { errorMessage } from '../../base/error-message.ts';
import { regularExpression } from '../match/regular-expression.ts';
import { spliceText, templateNames } from '../match/variables.ts';
import { type NameKind, Names } from './names.ts';
import { nearest } from './nearest.ts';
import { type PatternVisitor, visitPattern } from './patterns.ts';
import type { ValuePath } from './yaml-file.ts';

/** A mistake in a case, at a path from the root of its file. */
export interface Mistake {
  readonly path: ValuePath;
  readonly message: string;
  readonly hint?: string;
}

/** What the steps of a case may refer to outside it. */
export interface StepSurroundings {
  readonly identities: ReadonlySet<string>;
  /** Names for `$schema`. */
  readonly schemas: ReadonlySet<string>;
  /** Names for `vector`. */
  readonly vectors: ReadonlySet<string>;
}

type Argument = Readonly<Record<string, unknown>>;

/** The steps nested in an argument, as verb and argument, each with its path. */
interface PlacedStep {
  readonly verb: string;
  readonly argument: unknown;
  readonly path: ValuePath;
}

/**
 * Finds what the schema cannot: names and variables that nothing has made before, identities, schemas and vectors that
 * do not exist, regular expressions that do not compile, and numbers that do not survive. The steps fit the schema.
 */
export function checkSteps(steps: unknown, path: ValuePath, context: StepSurroundings): readonly Mistake[] {
  const check = new StepCheck(context);
  check.steps(steps, path, new Names());
  return check.mistakes;
}

/** Keys whose value names something that an earlier step has made. */
const references: Readonly<Record<string, NameKind>> = {
  stream: 'stream',
  call: 'call',
  target: 'target',
  place: 'place',
};

/** Verbs that give a name to what they make with `as`. */
const makers: ReadonlyMap<string, NameKind> = new Map([
  ['openStream', 'stream'],
  ['invoke', 'call'],
  ['closeSession', 'call'],
  ['launch', 'target'],
  ['place', 'place'],
]);

const kindWords: Readonly<Record<NameKind, string>> = {
  stream: 'a stream',
  call: 'a background call',
  target: 'an instance',
  place: 'a place',
  connection: 'a connection',
};

class StepCheck {
  readonly mistakes: Mistake[] = [];
  readonly #context: StepSurroundings;

  constructor(context: StepSurroundings) {
    this.#context = context;
  }

  steps(steps: unknown, path: ValuePath, names: Names): void {
    for (const step of placedSteps(steps, path)) this.#step(step, names);
  }

  #step({ verb, argument, path }: PlacedStep, names: Names): void {
    switch (verb) {
      case 'parallel':
        this.#parallel(argument, path, names);
        break;
      case 'eventually':
        this.steps(argument, path, names);
        break;
      case 'repeat':
        this.#repeat(argument as Argument, path, names);
        break;
      default:
        this.#plainStep(verb, { argument: argument as Argument, path }, names);
    }
  }

  #parallel(argument: unknown, path: ValuePath, names: Names): void {
    if (!Array.isArray(argument)) return;
    for (const branch of argument) addMade(branch, names);
    for (const [index, branch] of argument.entries()) this.steps(branch, [...path, index], names.branch());
  }

  #repeat(argument: Argument, path: ValuePath, names: Names): void {
    const together = argument['together'] === true;
    if (together) this.#sharedNames(argument['steps'], [...path, 'steps']);
    const inside = together ? names.branch() : names;
    if (typeof argument['as'] === 'string') inside.addVariable(argument['as']);
    this.steps(argument['steps'], [...path, 'steps'], inside);
  }

  /** Names belong to the case: of turns that run at once, each would take the name from the other. */
  #sharedNames(steps: unknown, path: ValuePath): void {
    for (const { verb, argument, path: place } of placedSteps(steps, path)) {
      const { as } = Object(argument);
      if (makers.has(verb) && as !== undefined) {
        const message = `the turns of this repeat run together and would share the name "${as}"`;
        this.mistakes.push({ path: [...place, 'as'], message, hint: 'use parallel, with a name for each' });
      }
    }
  }

  #plainStep(
    verb: string,
    { argument, path }: { readonly argument: Argument; readonly path: ValuePath },
    names: Names,
  ): void {
    const { expect, never, prompting, ...given } = argument;
    for (const [key, value] of Object.entries(given)) {
      const place = [...path, key];
      const kind = references[key];
      if (kind !== undefined) this.#reference(kind, { name: value, path: place }, names);
      else if (verb === 'disconnect') this.#reference('connection', { name: value, path: place }, names);
      else this.#value(value, place, names);
    }
    this.#authContexts(verb, { argument, path });
    if (prompting !== undefined) this.steps(prompting, [...path, 'prompting'], names.branch());
    if (expect !== undefined) this.#pattern(expect, [...path, 'expect'], names);
    if (never !== undefined) this.#pattern(never, [...path, 'never'], names);
    addMadeBy(verb, argument, names);
    if (verb === 'session')
      names.addVariable(typeof argument['as'] === 'string' ? argument['as'] : 'session');
  }

  #reference(
    kind: NameKind,
    { name, path }: { readonly name: unknown; readonly path: ValuePath },
    names: Names,
  ): void {
    if (typeof name !== 'string' || names.has(kind, name)) return;
    const meant = names.nearest(kind, name);
    this.mistakes.push({
      path,
      message: `no step before this one makes ${kindWords[kind]} "${name}"`,
      ...(meant === undefined ? {} : { hint: `did you mean "${meant}"?` }),
    });
  }

  /** A value that is sent: strings may have templates, everything else is literal. */
  #value(value: unknown, path: ValuePath, names: Names): void {
    if (typeof value === 'string') this.#text(value, path, names);
    if (typeof value === 'number') this.#number(value, path);
    if (typeof value !== 'object' || value === null) return;
    for (const [key, member] of Object.entries(value)) {
      const segment = Array.isArray(value) ? Number(key) : key;
      this.#value(member, [...path, segment], names);
    }
  }

  #text(text: string, path: ValuePath, names: Names): void {
    for (const name of templateNames(text)) this.#variable(name, path, names);
  }

  #variable(name: string, path: ValuePath, names: Names): void {
    if (names.hasVariable(name)) return;
    const meant = names.nearestVariable(name);
    this.mistakes.push({
      path,
      message: `no step before this one saves a variable "${name}"`,
      hint: meant === undefined ? `$\${${name}} stands for the text` : `did you mean "${meant}"?`,
    });
  }

  #number(value: number, path: ValuePath): void {
    if (!Number.isFinite(value)) {
      this.mistakes.push({ path, message: 'JSON has no such number' });
    } else if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
      const hint = 'send it as text, expect it with $number';
      this.mistakes.push({ path, message: 'a whole number beyond 2^53 may lose digits here', hint });
    }
  }

  #pattern(pattern: unknown, path: ValuePath, names: Names): void {
    const visitor: PatternVisitor = {
      text: (text, place) => this.#text(text, place, names),
      number: (value, place) => this.#number(value, place),
      regex: (source, place) => this.#regex(source, place, names),
      schema: (name, place) => this.#known('schema', { name, path: place }),
      reference: (name, place) => this.#variable(name, place, names),
      save: (name) => names.addVariable(name),
    };
    visitPattern(pattern, path, visitor);
  }

  #regex(source: string, path: ValuePath, names: Names): void {
    this.#text(source, path, names);
    try {
      regularExpression(spliceText(source, () => ''));
    } catch (error) {
      const reason = errorMessage(error);
      this.mistakes.push({ path, message: `not a regular expression: ${reason}` });
    }
  }

  #authContexts(
    verb: string,
    { argument, path }: { readonly argument: Argument; readonly path: ValuePath },
  ): void {
    if (verb === 'session') this.#identity(argument['authContext'], [...path, 'authContext']);
    const requests: [unknown, ValuePath][] = [[argument['request'], [...path, 'request']]];
    const frames = argument['frames'];
    if (Array.isArray(frames)) {
      for (const [index, frame] of frames.entries()) {
        const { message, piece, gzip, vector } = Object(frame);
        requests.push([message, [...path, 'frames', index, 'message']]);
        requests.push([Object(piece).message, [...path, 'frames', index, 'piece', 'message']]);
        requests.push([Object(gzip).message, [...path, 'frames', index, 'gzip', 'message']]);
        if (typeof vector === 'string') {
          this.#known('wire vector', { name: vector, path: [...path, 'frames', index, 'vector'] });
        }
      }
    }
    for (const [request, place] of requests) {
      if (typeof request !== 'object' || request === null || !('authContext' in request)) continue;
      this.#identity(request.authContext, [...place, 'authContext']);
    }
  }

  #identity(written: unknown, path: ValuePath): void {
    if (typeof written === 'object' && written !== null && 'identity' in written) {
      this.#identity(written.identity, [...path, 'identity']);
    }
    if (typeof written === 'string') this.#known('identity', { name: written, path });
  }

  #known(
    kind: 'identity' | 'wire vector' | 'schema',
    { name, path }: { readonly name: string; readonly path: ValuePath },
  ): void {
    const { identities, vectors, schemas } = this.#context;
    const known = kind === 'identity' ? identities : kind === 'wire vector' ? vectors : schemas;
    if (known.has(name) || templateNames(name).length > 0) return;
    const meant = nearest(name, known);
    this.mistakes.push({
      path,
      message: `there is no ${kind} "${name}"`,
      ...(meant === undefined ? {} : { hint: `did you mean "${meant}"?` }),
    });
  }
}

function placedSteps(steps: unknown, path: ValuePath): readonly PlacedStep[] {
  if (!Array.isArray(steps)) return [];
  return steps.flatMap((step, index) =>
    Object.entries(Object(step)).map(([verb, argument]) => ({
      verb,
      argument,
      path: [...path, index, verb],
    })),
  );
}

/** Adds what steps make that belongs to the whole case: a branch may use what the branch beside it makes. */
function addMade(steps: unknown, names: Names): void {
  for (const { verb, argument } of placedSteps(steps, [])) {
    if (verb === 'eventually') addMade(argument, names);
    else if (verb === 'parallel' && Array.isArray(argument)) {
      for (const branch of argument) addMade(branch, names);
    } else {
      const given: Argument = Object(argument);
      addMadeBy(verb, given, names);
      addMade(given['steps'], names);
      addMade(given['prompting'], names);
    }
  }
}

function addMadeBy(verb: string, argument: Argument, names: Names): void {
  const { as, connection, target } = argument;
  const kind = makers.get(verb);
  if (kind !== undefined && typeof as === 'string') names.add(kind, as);
  if (verb === 'disconnect') return;
  const name = typeof connection === 'string' ? connection : 'main';
  names.add('connection', name);
  if (typeof target === 'string') names.add('connection', `${target}:${name}`);
}

import { isUtf8 } from 'node:buffer';
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import { errorMessage } from '../../base/error-message.ts';
import { oneLine } from '../text/text.ts';

/** Keys and indices from the root of a file to a value in it. */
export type ValuePath = readonly (string | number)[];

/** A line and a column, both counted from 1. Columns are UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One mistake in a fixture file. */
export interface FixtureProblem extends Position {
  /** Path of the file, relative to the package if it is inside. */
  readonly file: string;
  /** The mistake on one line. In a case, it begins with the id of the case. */
  readonly message: string;
  /** A suggestion such as the nearest valid word, or what the author should do next. */
  readonly hint?: string;
}

/** Thrown for invalid fixtures. It contains every mistake, and its message has a line for each of them. */
export class FixtureError extends Error {
  override readonly name = 'FixtureError';
  readonly code = 'fixture-invalid';
  readonly problems: readonly FixtureProblem[];

  constructor(problems: readonly FixtureProblem[]) {
    super(problems.map(describeProblem).join('\n'));
    this.problems = problems;
  }
}

/** `fixtures/cases/x.yaml:12:7 sessions/close: unknown key "expct" in step invoke; did you mean "expect"?` */
export function describeProblem({ file, line, column, message, hint }: FixtureProblem): string {
  return oneLine(`${file}:${line}:${column} ${message}${hint === undefined ? '' : `; ${hint}`}`);
}

/** A mistake at a path from the root of a file. */
export interface Mistake {
  readonly path: ValuePath;
  readonly message: string;
  readonly hint?: string;
}

/** A value, with the position in a file of each of its parts. */
export interface LocatedValue {
  /** The path of the file, for messages. */
  readonly file: string;
  readonly value: unknown;
  /** The position of the value at `path`, or of the nearest existing value around it. */
  positionOf(path: ValuePath): Position;
  /** The position of the key `key` of the mapping at `path`. */
  positionOfKey(path: ValuePath, key: string): Position;
}

/** A parsed YAML file, with the position of each of its parts. */
export class YamlFile implements LocatedValue {
  readonly file: string;
  readonly value: unknown;
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;

  /**
   * @param file its path, for messages
   * @throws FixtureError if the bytes are not UTF-8 or not exactly one YAML document
   */
  constructor(file: string, bytes: Uint8Array) {
    this.file = file;
    this.#lines = new LineCounter();
    this.#document = parseDocument(decode(file, bytes), {
      lineCounter: this.#lines,
      prettyErrors: false,
      stringKeys: true,
    });
    const errors = [...this.#document.errors, ...this.#document.warnings];
    if (errors.length > 0) throw new FixtureError(this.#yamlProblems(errors));
    try {
      this.value = this.#document.toJS();
    } catch (error) {
      throw new FixtureError([this.#aliasProblem(error)]);
    }
  }

  positionOf(path: ValuePath): Position {
    let node: Node | null = this.#document.contents;
    let offset = startOf(node) ?? 0;
    for (const segment of path) {
      const inner = this.#child(node, segment);
      if (inner === undefined) break;
      offset = startOf(inner.value) ?? startOf(inner.key) ?? offset;
      node = inner.value;
    }
    return this.#at(offset);
  }

  positionOfKey(path: ValuePath, key: string): Position {
    const offset = startOf(this.#child(this.#nodeAt(path), key)?.key ?? null);
    return offset === undefined ? this.positionOf(path) : this.#at(offset);
  }

  /** The text of the scalar at `path` as written in the file, or undefined for any other value. */
  sourceOf(path: ValuePath): string | undefined {
    const node = this.#nodeAt(path);
    return isScalar(node) ? node.source : undefined;
  }

  problem(position: Position, message: string, hint?: string): FixtureProblem {
    return { file: this.file, ...position, message, hint };
  }

  #nodeAt(path: ValuePath): Node | null {
    let node: Node | null = this.#document.contents;
    for (const segment of path) node = this.#child(node, segment)?.value ?? null;
    return node;
  }

  #child(
    parent: Node | null,
    segment: string | number,
  ): { key: Node | null; value: Node | null } | undefined {
    const node = isAlias(parent) ? (parent.resolve(this.#document) ?? null) : parent;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(segment));
      return pair === undefined ? undefined : { key: asNode(pair.key), value: asNode(pair.value) };
    }
    if (isSeq(node)) {
      const item = asNode(node.items[Number(segment)]);
      return item === null ? undefined : { key: null, value: item };
    }
    return undefined;
  }

  #at(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }

  #yamlProblems(errors: readonly YAMLError[]): readonly FixtureProblem[] {
    const duplicates = errors.filter(({ code }) => code === 'DUPLICATE_KEY');
    // One syntax error often causes further errors, so only the first is reported.
    const syntax = errors.filter(({ code }) => code !== 'DUPLICATE_KEY').slice(0, 1);
    return [...duplicates, ...syntax]
      .sort((one, other) => one.pos[0] - other.pos[0])
      .map((error) => this.problem(this.#at(error.pos[0]), messageOf(error)));
  }

  #aliasProblem(error: unknown): FixtureProblem {
    const reason = firstLine(error);
    let problem = this.problem({ line: 1, column: 1 }, `invalid YAML: ${reason}`);
    visit(this.#document, {
      Alias: (_key, alias) => {
        const isUnknown = alias.resolve(this.#document) === undefined;
        const message = isUnknown
          ? `the alias *${alias.source} has no anchor &${alias.source} before it`
          : `the aliases of this file cannot be expanded: ${reason}`;
        const hint = isUnknown ? undefined : 'write the values without aliases';
        if (isUnknown || problem.hint === undefined) {
          problem = this.problem(this.#at(startOf(alias) ?? 0), message, hint);
        }
        return isUnknown ? visit.BREAK : undefined;
      },
    });
    return problem;
  }
}

function decode(file: string, bytes: Uint8Array): string {
  if (isUtf8(bytes)) return new TextDecoder().decode(bytes);
  const lines = Buffer.from(bytes).toString('latin1').split('\n');
  const line = 1 + lines.findIndex((text) => !isUtf8(Buffer.from(text, 'latin1')));
  throw new FixtureError([{ file, line, column: 1, message: 'this line is not valid UTF-8' }]);
}

function messageOf({ code, message }: YAMLError): string {
  if (code === 'DUPLICATE_KEY') return 'this key appears twice in the mapping';
  if (code === 'MULTIPLE_DOCS') return 'a second YAML document begins here; keep one document in each file';
  return `invalid YAML: ${message.split('\n', 1)[0] ?? ''}`;
}

function firstLine(error: unknown): string {
  return errorMessage(error).split('\n', 1)[0] ?? '';
}

function asNode(value: unknown): Node | null {
  return isNode(value) ? value : null;
}

function startOf(node: Node | ParsedNode | null): number | undefined {
  return node?.range?.[0];
}

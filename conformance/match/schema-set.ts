import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { errorMessage } from '../../base/error-message.ts';
import { packageRoot } from '../../base/package.ts';
import { isObject } from './canonical.ts';
import { defineMember, isLosslessNumber } from './json.ts';
import { PatternError, type SchemaProblem } from './matcher.ts';

const ending = '.schema.json';

/** Maximum number of values to check. No MCP message has as many, and checking them causes no noticeable delay. */
const maxValues = 200_000;

/** Schemas for `$schema`: the files NAME.schema.json of a folder, read and compiled on first use. */
export class SchemaSet {
  readonly #directory: string;
  readonly #validators = new Map<string, ValidateFunction>();
  #ajv: Ajv2020 | undefined;

  /** @param directory default: `fixtures/schema/mcp` of this package */
  constructor(directory = join(packageRoot(), 'fixtures', 'schema', 'mcp')) {
    this.#directory = directory;
  }

  /** Compiles the schemas to which the patterns in a value refer. Reports an unknown schema only when it is used. */
  prepare(patterns: unknown): void {
    for (const name of namesIn(patterns)) {
      try {
        this.#validator(name);
      } catch (error) {
        if (!(error instanceof PatternError)) throw error;
      }
    }
  }

  /**
   * Returns the violations of a schema.
   * @throws PatternError for an unknown or invalid schema
   */
  check(name: string, value: unknown): readonly SchemaProblem[] {
    const validate = this.#validator(name);
    const plain = plainCopy(value);
    if (plain === undefined)
      return [{ path: '', message: `more than ${maxValues} values, too many to check`, value }];
    try {
      if (validate(plain.value)) return [];
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return [{ path: '', message: 'nested too deeply to check', value }];
    }
    return problemsOf(validate.errors ?? []);
  }

  #validator(name: string): ValidateFunction {
    const known = this.#validators.get(name);
    if (known !== undefined) return known;
    this.#ajv ??= this.#load();
    try {
      const validate = this.#ajv.getSchema(name);
      if (validate === undefined)
        throw new PatternError(`unknown schema: there is no file ${join(this.#directory, name)}${ending}`);
      this.#validators.set(name, validate);
      return validate;
    } catch (error) {
      if (error instanceof PatternError) throw error;
      throw new PatternError(`${name}${ending}: ${errorMessage(error)}`);
    }
  }

  #load(): Ajv2020 {
    const ajv = new Ajv2020({
      verbose: true,
      strict: false,
      validateSchema: false,
      // Each schema checks a few small messages. Optimizing its code would take longer than it saves.
      inlineRefs: false,
      code: { optimize: false },
    });
    formats.default(ajv);
    for (const file of readdirSync(this.#directory)) {
      if (!file.endsWith(ending)) continue;
      const { $id, ...schema } = JSON.parse(readFileSync(join(this.#directory, file), 'utf8'));
      // Files refer to each other by file name, and `$schema` omits the ending, so both names are registered.
      ajv.addSchema({ ...schema, $id: file });
      ajv.addSchema({ $ref: file }, file.slice(0, -ending.length));
    }
    return ajv;
  }
}

/** Returns the NAMEs in all `{ $schema: NAME }` patterns of a value. */
function namesIn(value: unknown): ReadonlySet<string> {
  if (typeof value !== 'object' || value === null) return new Set();
  const inner = Object.values(value).flatMap((member) => [...namesIn(member)]);
  const name = '$schema' in value ? value.$schema : undefined;
  return new Set(typeof name === 'string' ? [name, ...inner] : inner);
}

function problemsOf(errors: readonly ErrorObject[]): readonly SchemaProblem[] {
  const specific = errors.filter(({ keyword }) => keyword !== 'if');
  return (specific.length === 0 ? errors : specific).slice(0, 10).map((error) => ({
    path: error.instancePath,
    message: messageOf(error),
    value: error.data,
  }));
}

function messageOf({ keyword, message, params }: ErrorObject): string {
  const [detail] = Object.values(params);
  const named = ['additionalProperties', 'unevaluatedProperties', 'const', 'enum'].includes(keyword);
  return named ? `${message} (${JSON.stringify(detail)})` : (message ?? keyword);
}

/** Copies the value with plain numbers, or returns undefined if it has too many values. Iterative. */
function plainCopy(root: unknown): { readonly value: unknown } | undefined {
  const holder = { value: undefined };
  const waiting = [{ from: root, into: holder as object, name: 'value' }];
  let count = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { from, into, name } = next;
    count += 1;
    if (count > maxValues || (Array.isArray(from) && from.length > maxValues)) return undefined;
    const copy = withoutMembers(from);
    defineMember(into, name, copy);
    if (typeof copy !== 'object' || copy === null) continue;
    for (const [key, member] of Object.entries(Object(from))) {
      waiting.push({ from: member, into: copy, name: key });
    }
  }
  return holder;
}

function withoutMembers(value: unknown): unknown {
  if (Array.isArray(value)) return new Array(value.length);
  if (isLosslessNumber(value)) return Number(value.value);
  return isObject(value) ? {} : value;
}

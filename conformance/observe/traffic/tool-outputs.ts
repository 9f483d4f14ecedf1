import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { isObject } from '../../../base/is-object.ts';
import { writeJson } from '../../match/json.ts';
import { type Exchange, memberOf } from './exchange.ts';

/** Number of results that are kept for each tool until its list arrives. */
const maxResults = 20;

/** Compares the results of tools with the output schemas that the runtime lists, in any order of arrival (MCP-14). */
export class ToolOutputs {
  readonly #schemas = new Map<string, object>();
  readonly #results = new Map<string, { readonly exchange: Exchange; readonly output: unknown }[]>();

  /** Takes a message from the runtime and the call that it answers. */
  note(exchange: Exchange, message: unknown): void {
    const { method } = exchange;
    const result = memberOf(message, 'result');
    if (method === 'tools/list') this.#noteList(memberOf(result, 'tools'));
    if (method !== 'tools/call' || !isObject(result) || result['isError'] === true) return;
    if (result['resultType'] === 'input_required') return;
    const name = String(memberOf(memberOf(exchange.message, 'params'), 'name'));
    const results = this.#results.get(name) ?? [];
    this.#results.set(name, results);
    if (results.length < maxResults) {
      const written = writeJson(result['structuredContent']);
      results.push({
        exchange,
        output: written === undefined ? undefined : JSON.parse(written),
      });
    }
  }

  /** Returns the problems of the results so far, each with its call. */
  *violations(): Iterable<readonly [exchange: Exchange, problem: string]> {
    for (const [name, schema] of this.#schemas) {
      const results = this.#results.get(name) ?? [];
      if (results.length === 0) continue;
      const fits = validatorOf(schema);
      for (const { exchange, output } of results) {
        if (output === undefined)
          yield [exchange, `${name} lists an outputSchema, but its result has no structuredContent`];
        else if (fits?.(output) === false) {
          yield [exchange, `structuredContent of ${name} does not fit its outputSchema`];
        }
      }
    }
  }

  #noteList(tools: unknown): void {
    for (const tool of Array.isArray(tools) ? tools : []) {
      const schema = memberOf(tool, 'outputSchema');
      const name = memberOf(tool, 'name');
      if (typeof name === 'string' && isObject(schema)) this.#schemas.set(name, schema);
    }
  }
}

/** Returns a validator, or undefined for a schema that cannot be compiled, which is not the subject of the rule. */
function validatorOf(schema: object): ValidateFunction | undefined {
  try {
    return new Ajv2020({ strict: false, validateFormats: false, logger: false }).compile(schema);
  } catch {
    return undefined;
  }
}

import type { DataCase, Step } from '../../case/case.ts';
import { decodedTextOf, encodedValueOf, fieldValueOf } from '../../case/field-value.ts';
import { type OwnItems, type Role, type RoleName, roles } from '../../case/roles.ts';
import { isAnnotation, type WrittenStep } from '../../case/step-annotations.ts';
import { isObject } from '../../match/canonical.ts';
import type { Survey } from './survey.ts';

type Members = Readonly<Record<string, unknown>>;

/** A case that runs on a target, or the reason that it cannot. */
export type AdaptedCase =
  | { readonly kind: 'adapted'; readonly testCase: DataCase }
  | { readonly kind: 'no-item'; readonly role: RoleName }
  /** The configuration names a tool that the target does not list. */
  | { readonly kind: 'not-listed'; readonly role: RoleName; readonly tool: string }
  /** Without the catalog, no step would check the main clause of the case. The target lacks this tool. */
  | { readonly kind: 'no-evidence'; readonly tool: string };

/**
 * Adapts a case to the items that play its roles. If the target serves the catalog, the case does not change. Otherwise
 * requests for an item of the catalog go to the target's own item, steps that call another tool of the catalog are left
 * out, and so are clauses that no remaining step checks.
 * @param own items that the configuration names or that the kit discovered
 */
export function adaptCase(testCase: DataCase, survey: Survey | undefined, own: OwnItems): AdaptedCase {
  const replaced: RoleName[] = [];
  for (const name of testCase.needs.roles ?? []) {
    if (servesCatalog(roles[name], survey)) continue;
    const item = own[name];
    if (item === undefined) return { kind: 'no-item', role: name };
    const tool = roles[name].method === 'tools/call' ? item['name'] : undefined;
    if (typeof tool === 'string' && !survey?.tools.has(tool)) return { kind: 'not-listed', role: name, tool };
    replaced.push(name);
  }
  const isLimited = testCase.steps.some(({ only }) => only !== undefined);
  if (replaced.length === 0 && !isLimited) return { kind: 'adapted', testCase };
  const adaptation = new Adaptation(replaced, { own, tools: survey?.tools ?? new Set() });
  const steps = testCase.steps.map((step) => adaptation.topStep(step));
  if (replaced.length === 0) return { kind: 'adapted', testCase: { ...testCase, steps } };
  const [main = ''] = testCase.clauses;
  const checked = clausesChecked(steps, main);
  if (!checked.has(main)) return { kind: 'no-evidence', tool: adaptation.missing ?? '' };
  const clauses = testCase.clauses.filter((id) => checked.has(id));
  return { kind: 'adapted', testCase: { ...testCase, steps, clauses } };
}

function servesCatalog({ served }: Role, survey: Survey | undefined): boolean {
  const kinds = ['tools', 'resources', 'resourceTemplates', 'prompts'] as const;
  return kinds.every((kind) => served[kind]?.every((name) => survey?.[kind].has(name)) ?? true);
}

/** Rewrites the steps of one case. */
class Adaptation {
  readonly #replaced: readonly RoleName[];
  readonly #own: OwnItems;
  readonly #tools: ReadonlySet<string>;
  /** The first tool whose absence removed a step. */
  missing: string | undefined;

  constructor(
    replaced: readonly RoleName[],
    { own, tools }: { readonly own: OwnItems; readonly tools: ReadonlySet<string> },
  ) {
    this.#replaced = replaced;
    this.#own = own;
    this.#tools = tools;
  }

  /**
   * Returns a step of the case. A step that is left out keeps its place, so that the numbers of steps do not change.
   */
  topStep(step: Step): Step {
    const { verb, argument, only } = step;
    const adapted = this.#isLeftOut(only) ? undefined : this.#argument(verb, argument);
    return adapted === undefined ? { ...step, leftOut: true } : { ...step, argument: adapted };
  }

  #isLeftOut(only: unknown): boolean {
    return only !== undefined && only !== (this.#replaced.length > 0 ? 'own' : 'catalog');
  }

  #steps(written: readonly WrittenStep[]): readonly WrittenStep[] {
    return written.flatMap((step) => {
      if (this.#isLeftOut(step['only'])) return [];
      const entries = Object.entries(step).map(([key, value]): readonly [string, unknown] => [
        key,
        isAnnotation(key) ? value : this.#argument(key, value),
      ]);
      return entries.some(([, value]) => value === undefined) ? [] : [Object.fromEntries(entries)];
    });
  }

  /** Returns the argument of a step, or undefined to leave the step out. */
  #argument(verb: string, argument: unknown): unknown {
    if (verb === 'eventually') return someOf(this.#steps(argument as readonly WrittenStep[]));
    if (verb === 'parallel') {
      const branches = (argument as readonly (readonly WrittenStep[])[]).map((steps) => this.#steps(steps));
      return someOf(branches.filter(({ length }) => length > 0));
    }
    if (!isObject(argument)) return argument ?? null;
    const { steps, prompting, ...others } = argument;
    const nested: Record<string, unknown> = {};
    for (const [key, list] of Object.entries({ steps, prompting })) {
      if (list === undefined) continue;
      nested[key] = someOf(this.#steps(list as readonly WrittenStep[]));
      if (nested[key] === undefined) return undefined;
    }
    const replaced = this.#replace(others);
    return replaced === undefined ? undefined : { ...(replaced as Members), ...nested };
  }

  /** Replaces the requests in a value. Returns undefined if one calls a tool that the target does not serve. */
  #replace(value: unknown): unknown {
    if (this.#replaced.length === 0) return value;
    if (Array.isArray(value)) {
      const items = value.map((item) => this.#replace(item));
      return items.some((item, index) => item === undefined && value[index] !== undefined)
        ? undefined
        : items;
    }
    if (!isObject(value)) return value;
    const { message } = value;
    const members: Record<string, unknown> = {};
    for (const [key, member] of Object.entries(value)) {
      if (member === undefined) continue;
      const next =
        key === 'expect' ? member : key === 'message' ? this.#message(member) : this.#replace(member);
      if (next === undefined) return undefined;
      members[key] = next;
    }
    const { headers } = members;
    if (isObject(headers)) members['headers'] = renamed(headers, nameIn(message), nameIn(members['message']));
    return members;
  }

  #message(message: unknown): unknown {
    if (!isObject(message) || !isObject(message['params'])) return this.#replace(message);
    const { method, params } = message;
    for (const name of this.#replaced) {
      const { method: needed, catalog }: Role = roles[name];
      if (method === needed && includes(params, catalog)) {
        return { ...message, params: paramsOf(needed, params, this.#own[name] ?? {}) };
      }
    }
    const tool = params['name'];
    if (method !== 'tools/call' || typeof tool !== 'string' || this.#tools.has(tool)) return message;
    this.missing ??= tool;
    return undefined;
  }
}

/** Returns the name that `mcp-name` repeats: that of a tool or a prompt, or the URI of a resource. */
function nameIn(message: unknown): string | undefined {
  const params = isObject(message) && isObject(message['params']) ? message['params'] : {};
  const name = params['name'] ?? params['uri'];
  return typeof name === 'string' ? name : undefined;
}

/** Replaces a name in `mcp-name`, plain or encoded. Another value is the subject of the case and stays. */
function renamed(headers: Members, from: string | undefined, to: string | undefined): Members {
  const field = headers['mcp-name'];
  if (typeof field !== 'string' || from === undefined || to === undefined || from === to) return headers;
  if (field === from) return { ...headers, 'mcp-name': fieldValueOf(to) };
  return decodedTextOf(field) === from ? { ...headers, 'mcp-name': encodedValueOf(to) } : headers;
}

function someOf<Item>(items: readonly Item[]): readonly Item[] | undefined {
  return items.length === 0 ? undefined : items;
}

/** Returns whether a value has at least the members of a pattern, recursively. */
function includes(value: unknown, pattern: unknown): boolean {
  if (!isObject(pattern)) return value === pattern;
  return isObject(value) && Object.entries(pattern).every(([key, member]) => includes(value[key], member));
}

/** Returns the params of an own item, with the metadata and the text that the case passes. */
function paramsOf(method: string, params: Members, own: Members): Members {
  const { _meta: metadata, arguments: given } = params;
  const text = isObject(given) && typeof given['text'] === 'string' ? given['text'] : '';
  return {
    ...(method === 'tools/call' ? { arguments: {} } : {}),
    ...(literal(own, text) as Members),
    ...(metadata === undefined ? {} : { _meta: metadata }),
  };
}

/** Inserts a text for `${text}`. Every other `${name}` is literal, because the configuration has no variables. */
function literal(value: unknown, text: string): unknown {
  if (typeof value === 'string') {
    return value.replace(/\$\{([A-Za-z][A-Za-z0-9_-]*)\}/g, (whole, name: string) =>
      name === 'text' ? text : `$${whole}`,
    );
  }
  if (Array.isArray(value)) return value.map((item) => literal(item, text));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, literal(member, text)]));
}

/** Returns the clauses that steps with an expectation check. Setup steps check none. */
function clausesChecked(steps: readonly Step[], main: string): ReadonlySet<string> {
  const checked = new Set<string>();
  const visit = (value: unknown, clauses: readonly string[]): void => {
    if (Array.isArray(value)) for (const item of value) visit(item, clauses);
    if (!isObject(value) || 'setup' in value) return;
    const own = Array.isArray(value['clauses']) ? (value['clauses'] as readonly string[]) : clauses;
    for (const [key, member] of Object.entries(value)) {
      if (key === 'expect') for (const id of own) checked.add(id);
      else if (key !== 'request' && key !== 'frames') visit(member, own);
    }
  };
  for (const { argument, clauses, setup, leftOut } of steps) {
    if (setup === undefined && !leftOut) visit(argument, clauses ?? [main]);
  }
  return checked;
}

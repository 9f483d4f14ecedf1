import type { CaseNeeds, Step } from '../case/case.ts';
import { isObject } from '../match/canonical.ts';

/** Names that the catalog reserves for its tools and prompts (docs/catalog.md). */
const ofCatalog = /^(?:test|conformance)_[a-z0-9_]+$/;

/** The methods that use an item of the catalog by its name. */
const kinds: ReadonlyMap<unknown, 'tools' | 'prompts'> = new Map([
  ['tools/call', 'tools'],
  ['prompts/get', 'prompts'],
]);

/**
 * Returns the needs of a modern case, with the tools and prompts of the catalog that its requests name. A server may
 * serve any part of the catalog, and a request for an item that it does not serve proves nothing. The steps of a case
 * with roles adapt to the target, so they add nothing.
 */
export function withCalledItems(needs: CaseNeeds, steps: readonly Step[]): CaseNeeds {
  if (needs.roles !== undefined) return needs;
  const called = { tools: new Set(needs.tools), prompts: new Set(needs.prompts) };
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item);
    if (!isObject(value)) return;
    const { method, params } = value;
    const kind = kinds.get(method);
    const name = isObject(params) ? params['name'] : undefined;
    if (kind !== undefined && typeof name === 'string' && ofCatalog.test(name)) called[kind].add(name);
    for (const member of Object.values(value)) visit(member);
  };
  for (const { argument } of steps) visit(argument);
  const { tools, prompts } = called;
  return {
    ...needs,
    ...(tools.size > 0 && { tools: [...tools] }),
    ...(prompts.size > 0 && { prompts: [...prompts] }),
  };
}

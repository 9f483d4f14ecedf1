import type { OwnItems } from '../../case/roles.ts';
import { isObject } from '../../match/canonical.ts';

type Item = Readonly<Record<string, unknown>>;

/** The items that a target lists, as it sent them. */
export interface Listed {
  readonly tools: readonly unknown[];
  readonly resources: readonly unknown[];
  readonly prompts: readonly unknown[];
}

/**
 * Chooses items that can be used without an effect: a tool with the annotation `readOnlyHint` and without required
 * arguments, a resource, and a prompt without required arguments. The kit never calls another tool of a target unless
 * the configuration names it.
 */
export function discoverOwn({ tools, resources, prompts }: Listed): OwnItems {
  const safe = tools.filter(isObject).find(isSafe);
  const resource = resources.filter(isObject).find(({ uri }) => typeof uri === 'string');
  const prompt = prompts.filter(isObject).find(needsNoArguments);
  return {
    ...(safe && { safe: { name: safe['name'], arguments: {} } }),
    ...(resource && { resource: { uri: resource['uri'] } }),
    ...(prompt && { prompt: { name: prompt['name'] } }),
  };
}

function isSafe({ annotations, inputSchema }: Item): boolean {
  if (!isObject(annotations) || annotations['readOnlyHint'] !== true || !isObject(inputSchema)) return false;
  const { required = [] } = inputSchema;
  return Array.isArray(required) && required.length === 0;
}

function needsNoArguments({ arguments: listed = [] }: Item): boolean {
  return Array.isArray(listed) && listed.every((each) => isObject(each) && each['required'] !== true);
}

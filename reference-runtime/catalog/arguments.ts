import type { Tool } from '@modelcontextprotocol/server';
import type { ValidateFunction } from 'ajv';

const validators = new WeakMap<object, Promise<ValidateFunction>>();

/** The validator of a schema; calls that come together share the making of it. */
function validatorOf(schema: object): Promise<ValidateFunction> {
  const known = validators.get(schema);
  if (known !== undefined) return known;
  const validator = compile(schema);
  validators.set(schema, validator);
  return validator;
}

async function compile(schema: object): Promise<ValidateFunction> {
  const { compileArgumentSchema } = await import('./argument-schema.ts');
  return compileArgumentSchema(schema);
}

function takesNothing({ inputSchema }: Tool): boolean {
  return (
    Object.keys(inputSchema.properties ?? {}).length === 0 && inputSchema['additionalProperties'] === false
  );
}

/**
 * Why arguments do not fit the input schema of a tool, as one line; undefined where they fit. A schema is compiled when
 * its tool is called for the first time.
 */
export async function argumentMisfit(
  tool: Tool,
  args: Readonly<Record<string, unknown>>,
): Promise<string | undefined> {
  if (takesNothing(tool)) {
    return Object.keys(args).length === 0 ? undefined : `Invalid arguments for ${tool.name}: it takes none`;
  }
  const validator = await validatorOf(tool.inputSchema);
  if (validator(args)) return undefined;
  const error = validator.errors?.[0];
  const missing: unknown = error?.params['missingProperty'];
  const place = typeof missing === 'string' ? missing : (error?.instancePath.slice(1) ?? '');
  return `Invalid arguments for ${tool.name}: ${place || 'an argument'} does not fit the input schema`;
}

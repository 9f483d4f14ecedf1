import type { Tool } from '@modelcontextprotocol/server';
import type { Ajv2020, ValidateFunction } from 'ajv/dist/2020.js';

const validators = new WeakMap<object, Promise<ValidateFunction>>();
let compiler: Promise<Ajv2020> | undefined;

/** Returns the validator of a schema. Concurrent calls share one compilation. */
function validatorOf(schema: object): Promise<ValidateFunction> {
  const validator = validators.get(schema) ?? compile(schema);
  validators.set(schema, validator);
  return validator;
}

async function compile(schema: object): Promise<ValidateFunction> {
  // All schemas share one compiler, because creating one takes longer than compiling a schema. Validating a schema
  // against the meta-schema would take even longer, and optimising the code for such small schemas does not pay off.
  // `default` is required, because the bundle does not see the named exports of this CommonJS module.
  compiler ??= import('ajv/dist/2020.js').then(
    ({ default: ajv }) =>
      new ajv.Ajv2020({ strict: false, validateSchema: false, code: { optimize: false } }),
  );
  const ajv = await compiler;
  const validator = ajv.compile(schema);
  // Another catalog may have a different schema with the same id.
  ajv.removeSchema(schema);
  return validator;
}

function hasNoParameters({ inputSchema }: Tool): boolean {
  return (
    Object.keys(inputSchema.properties ?? {}).length === 0 && inputSchema['additionalProperties'] === false
  );
}

/**
 * Validates arguments against the input schema of a tool. The schema is compiled on the first call of the tool.
 * @returns one line that describes the mismatch, or undefined if the arguments are valid
 */
export async function argumentMisfit(
  tool: Tool,
  args: Readonly<Record<string, unknown>>,
): Promise<string | undefined> {
  if (hasNoParameters(tool)) {
    return Object.keys(args).length === 0
      ? undefined
      : `Invalid arguments for ${tool.name}: it has no parameters`;
  }
  const validator = await validatorOf(tool.inputSchema);
  if (validator(args)) return undefined;
  const error = validator.errors?.[0];
  const missing: unknown = error?.params['missingProperty'];
  const place = typeof missing === 'string' ? missing : (error?.instancePath.slice(1) ?? '');
  return `Invalid arguments for ${tool.name}: ${place || 'an argument'} does not match the input schema`;
}

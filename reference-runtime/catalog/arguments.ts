import type { Tool } from '@modelcontextprotocol/server';
import type { Ajv2020, ValidateFunction } from 'ajv/dist/2020.js';

const validators = new WeakMap<object, Promise<ValidateFunction>>();
let compiler: Promise<Ajv2020> | undefined;

/** The validator of a schema; calls that come together share the making of it. */
function validatorOf(schema: object): Promise<ValidateFunction> {
  const validator = validators.get(schema) ?? compile(schema);
  validators.set(schema, validator);
  return validator;
}

async function compile(schema: object): Promise<ValidateFunction> {
  // One for all: a compiler takes longer to make than a schema to compile, and to check one against the schema of schemas
  // takes longer than both. The schemas are small: better code for them would take longer than it saves.
  // The bundle knows no exports of this CommonJS module by name.
  compiler ??= import('ajv/dist/2020.js').then(
    ({ default: ajv }) =>
      new ajv.Ajv2020({ strict: false, validateSchema: false, code: { optimize: false } }),
  );
  const ajv = await compiler;
  const validator = ajv.compile(schema);
  // Another catalog may have another schema under the same id.
  ajv.removeSchema(schema);
  return validator;
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

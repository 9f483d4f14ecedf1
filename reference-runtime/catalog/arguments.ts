import type { Tool } from '@modelcontextprotocol/server';
import type { ValidateFunction } from 'ajv';

/** Checks the arguments of tool calls against the tools' input schemas. */
export interface ArgumentChecker {
  /** What does not fit, as one line; undefined where the arguments fit. */
  misfitOf(tool: Tool, args: Readonly<Record<string, unknown>>): Promise<string | undefined>;
}

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

/** Makes a checker. Schemas are compiled when a tool is called for the first time. */
export function createArgumentChecker(): ArgumentChecker {
  return {
    async misfitOf(tool, args) {
      if (takesNothing(tool)) {
        const [name] = Object.keys(args);
        return name === undefined ? undefined : `Invalid arguments for ${tool.name}: it takes none`;
      }
      const validator = await validatorOf(tool.inputSchema);
      if (validator(args)) return undefined;
      const error = validator.errors?.[0];
      const missing: unknown = error?.params['missingProperty'];
      const place = typeof missing === 'string' ? missing : (error?.instancePath.slice(1) ?? '');
      return `Invalid arguments for ${tool.name}: ${place || 'an argument'} does not fit the input schema`;
    },
  };
}

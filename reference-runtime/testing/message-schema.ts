import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

/** Checks messages against a definition of the specification's own JSON Schema. */
export interface MessageSchema {
  /** What does not fit, undefined where the value fits. */
  misfit(definition: string, value: unknown): string | undefined;
}

/** Reads the schema of a revision from the folder that MCP_SCHEMA_DIR names. */
export async function readMessageSchema(folder: string, revision: string): Promise<MessageSchema> {
  const schema = JSON.parse(await readFile(join(folder, `${revision}.schema.json`), 'utf8'));
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: false }).addSchema(
    schema,
    'mcp',
  );
  const validators = new Map<string, ValidateFunction>();
  return {
    misfit(definition, value) {
      const known = validators.get(definition);
      const validator = known ?? ajv.compile({ $ref: `mcp#/$defs/${definition}` });
      validators.set(definition, validator);
      return validator(value) ? undefined : `${definition}: ${ajv.errorsText(validator.errors)}`;
    },
  };
}

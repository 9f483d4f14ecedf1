import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

/** Validates messages against the JSON Schema of the specification. */
export interface MessageSchema {
  /** Describes a mismatch, or returns undefined for a valid value. */
  misfit(definition: string, value: unknown): string | undefined;
}

/** Reads the schema of a revision from the folder in MCP_SCHEMA_DIR. */
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

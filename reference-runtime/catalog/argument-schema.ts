import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

// One for all: a compiler takes longer to make than a schema to compile, and to check one against the schema of schemas
// takes longer than both. The schemas are small: better code for them would take longer than it saves.
const compiler = new Ajv2020({ strict: false, validateSchema: false, code: { optimize: false } });

/** Compiles an input schema. A module of its own, so that the compiler is loaded when a tool is called first. */
export function compileArgumentSchema(schema: object): ValidateFunction {
  const validator = compiler.compile(schema);
  // Another catalog may have another schema under the same id.
  compiler.removeSchema(schema);
  return validator;
}

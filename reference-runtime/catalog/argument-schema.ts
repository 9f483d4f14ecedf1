import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

/** Compiles an input schema. A module of its own, so that the compiler is loaded when a tool is called first. */
export function compileArgumentSchema(schema: object): ValidateFunction {
  return new Ajv2020({ strict: false }).compile(schema);
}

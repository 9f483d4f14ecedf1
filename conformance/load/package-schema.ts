import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { packageRoot } from '../../base/package.ts';
import { rpcNames } from '../../proto/rpc.ts';

const validators = new Map<string, ValidateFunction>();

/**
 * What the schema `fixtures/schema/NAME.schema.json` of this package finds wrong with a value. The errors carry the schema
 * they come from, which says in `title` how the value is to be written.
 */
export function schemaErrors(
  name: 'suite' | 'identities' | 'gateway-suite',
  value: unknown,
): readonly ErrorObject[] {
  const validate = validators.get(name) ?? compile(name);
  validators.set(name, validate);
  return validate(value) ? [] : (validate.errors ?? []);
}

function compile(name: string): ValidateFunction {
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    // Patterns are told apart by `if`, so keywords stand where no type is named.
    strictTypes: false,
    strictRequired: false,
    // The schema is our own and tested, and is used once: checking and optimizing it costs more than it gains.
    validateSchema: false,
    code: { optimize: false },
  });
  // What a pattern is, the suites of gateways take from those of runtimes.
  if (name === 'gateway-suite') ajv.addSchema(readSchema('suite'));
  return ajv.compile(readSchema(name));
}

function readSchema(name: string): Record<string, unknown> {
  const schema = JSON.parse(
    readFileSync(join(packageRoot(), 'fixtures', 'schema', `${name}.schema.json`), 'utf8'),
  );
  if (name === 'suite') schema.$defs.raw.properties.rpc.enum = rpcNames;
  return schema;
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { packageRoot } from '../../base/package.ts';
import { rpcNames } from '../../proto/rpc.ts';

const validators = new Map<string, ValidateFunction>();

/**
 * Validates a value against `fixtures/schema/NAME.schema.json` of this package and returns the errors. Each error
 * includes the schema that reported it. The `title` of this schema describes the expected value.
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
    // The schemas use `if` to tell patterns apart, so many keywords have no `type` next to them.
    strictTypes: false,
    strictRequired: false,
    // The tests already check the schema. Each process uses it once, so optimizing it would not pay off either.
    validateSchema: false,
    code: { optimize: false },
  });
  // The schema for gateway suites refers to the patterns in the schema for runtime suites.
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

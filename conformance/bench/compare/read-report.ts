import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { whyUnreadable } from '../../../base/error-message.ts';
import { isObject } from '../../../base/is-object.ts';
import { packageRoot } from '../../../base/package.ts';
import { cut, oneLine } from '../../text/text.ts';
import type { BenchReport } from '../report.ts';

/** The part of a report that comparisons use. */
export type ReadBench = Pick<BenchReport, 'machine' | 'settings' | 'variants' | 'results'>;

/** Thrown for a file that is not the report of a benchmark. The message is one line. */
export class BenchFileError extends Error {
  override readonly name = 'BenchFileError';
  readonly code = 'report-invalid';

  constructor(file: string, reason: string) {
    super(`${file}: ${reason}`);
  }
}

/**
 * Reads the JSON report of a benchmark.
 * @throws BenchFileError if the file cannot be read or is not such a report
 */
export async function readBench(file: string): Promise<ReadBench> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new BenchFileError(file, whyUnreadable(error));
  });
  const expected = 'expected a report written by bench --report json=FILE';
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new BenchFileError(file, `it is not JSON; ${expected}`);
  }
  if (!isObject(document) || document['kind'] !== 'bench') {
    throw new BenchFileError(file, `it is not the report of a benchmark; ${expected}`);
  }
  const version = String(document['schemaVersion']);
  if (!/^1\.\d+$/.test(version)) {
    throw new BenchFileError(file, `it has schemaVersion ${oneLine(cut(version, 40))}; this kit reads 1.x`);
  }
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  const schema = join(packageRoot(), 'conformance/schemas/bench.v1.schema.json');
  const validate = ajv.compile<ReadBench>(JSON.parse(readFileSync(schema, 'utf8')));
  if (validate(document)) return document;
  const { instancePath = '', message = 'is invalid' } = validate.errors?.[0] ?? {};
  const where = instancePath === '' ? 'the top level' : oneLine(cut(instancePath, 200));
  throw new BenchFileError(file, `it does not match the schema of benchmarks: ${where} ${message}`);
}

#!/usr/bin/env node
// Writes THIRD_PARTY_NOTICES and sbom.cdx.json of the Go and Rust runtimes, which their images contain. Both files are
// in the repository, so that an image needs only a copy, regardless of the tools that build it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { renderComponents } from '../notices.mjs';
import { goComponents } from './go.mjs';
import { rustComponents } from './rust.mjs';
import { renderSbom } from './sbom.mjs';

const usage = `node third-party/main.mjs [NAME ...] [--check]
  NAME      go or rust (default: both)
  --check   change nothing, and fail if a file is outdated`;

const runtimes = { go: goComponents, rust: rustComponents };

/** Returns the path and content of each file of a runtime. */
function filesOf(name) {
  const components = runtimes[name]();
  const folder = join(import.meta.dirname, '../runtimes', name);
  return {
    [join(folder, 'THIRD_PARTY_NOTICES')]: renderComponents(
      'This program contains code from these packages.\n',
      components,
    ),
    [join(folder, 'sbom.cdx.json')]: renderSbom({ name: `mcp-runtime-${name}` }, components),
  };
}

function contentOf(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { check: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const names = positionals.length === 0 ? Object.keys(runtimes) : positionals;
  const unknown = names.filter((name) => !Object.hasOwn(runtimes, name));
  if (unknown.length > 0) {
    throw new Error(`Unknown runtime ${unknown.join(', ')}. Use ${Object.keys(runtimes).join(' or ')}.`);
  }
  const outdated = names
    .flatMap((name) => Object.entries(filesOf(name)))
    .filter(([path, content]) => contentOf(path) !== content);
  if (values.check && outdated.length > 0) {
    const paths = outdated.map(([path]) => path).join(' and ');
    throw new Error(`Outdated: ${paths}. Run npm run notices and commit the result.`);
  }
  for (const [path, content] of outdated) {
    writeFileSync(path, content);
  }
}

try {
  main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

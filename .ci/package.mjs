#!/usr/bin/env node
// Installs the packed tarball in an empty folder, like a user, and tests it there: the command with the embedded target
// and with an image, and the libraries in a strict TypeScript project. Then installs the last commit as a git
// dependency, which npm must build, and checks the software bill of materials of a release.
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { $, cd, echo } from 'zx';

const image = process.argv[2];
const typescript = '7.0.2';
const consumer = `
import { create } from '@bufbuild/protobuf';
import { judge, runSuite } from 'mcp-runtime-conformance';
import { createRuntimeClient } from 'mcp-runtime-conformance/client';
import { McpRequestSchema } from 'mcp-runtime-conformance/proto';
import { createRuntime } from 'mcp-runtime-conformance/runtime';

const socketPath = process.argv[2] ?? '';
await using runtime = createRuntime({ catalog: 'conformance' });
await runtime.listen(socketPath);
await using client = createRuntimeClient({ socketPath });
const health: { status: string } = await client.healthCheck();
const answer = await client.invoke(create(McpRequestSchema, { method: 'POST', path: '/mcp' }));
const status: number = answer.status;
if (health.status !== 'ok' || status !== 400) throw new Error(\`health \${health.status}, status \${status}\`);
if (typeof judge !== 'function' || typeof runSuite !== 'function') throw new Error('no engine');
console.log('consumer ok');
`;
const tsconfig = {
  compilerOptions: {
    target: 'ES2023',
    lib: ['ES2023', 'ESNext.Disposable'],
    module: 'NodeNext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    types: ['node'],
  },
  include: ['consumer.ts'],
};

const root = process.cwd();
const folder = await mkdtemp(join(tmpdir(), 'package-'));
try {
  const packed = await $({ cwd: root })`npm pack --silent --ignore-scripts --pack-destination ${folder}`;
  cd(folder);
  $.verbose = true;
  await writeFile('package.json', JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  await writeFile('consumer.ts', consumer);
  await writeFile('tsconfig.json', JSON.stringify(tsconfig));
  await $`npm install --silent --no-audit --no-fund ./${packed.stdout.trim()}`;
  for (const program of ['cli', 'runtime', 'html'])
    await access(`node_modules/mcp-runtime-conformance/dist/${program}/THIRD_PARTY_NOTICES`);
  for (const program of ['cli', 'runtime'])
    await access(`node_modules/mcp-runtime-conformance/dist/${program}/sbom.cdx.json`);
  await $`npx --no-install mcp-runtime-conformance --report html=report.html`;
  if (!(await readFile('report.html', 'utf8')).includes('id="report"'))
    throw new Error('the HTML report has no data');
  // The command must receive this option, although Node has an option of the same name. With npx, Node would consume
  // it.
  const refused = await $({
    nothrow: true,
  })`node_modules/.bin/mcp-runtime-conformance --command x --env-file none`;
  if (refused.exitCode !== 2)
    throw new Error(`expected exit code 2 for a missing environment file, got ${refused.exitCode}`);
  if (image !== undefined) await $`npx --no-install mcp-runtime-conformance --image ${image}`;
  await $`npm install --silent --no-audit --no-fund --save-dev typescript@${typescript} @types/node@20`;
  await $`npx --no-install tsc -p tsconfig.json`;
  await $`node consumer.js ${join(folder, 's')}`;
  echo('the package works when installed from its tarball');

  const dependent = join(folder, 'dependent');
  await mkdir(dependent);
  cd(dependent);
  await writeFile('package.json', JSON.stringify({ name: 'dependent', private: true }));
  await $`npm install --silent --no-audit --no-fund git+file://${root}`;
  await $`npx --no-install mcp-runtime-conformance`;
  echo('the package works as a git dependency');

  const listed = await $({ cwd: root, quiet: true })`npm sbom --sbom-format cyclonedx --omit dev`;
  const { bomFormat, components } = JSON.parse(listed.stdout);
  const names = components.map(({ name }) => name);
  if (bomFormat !== 'CycloneDX' || !names.includes('commander') || names.includes('vitest'))
    throw new Error(`the list of dependencies is wrong: ${bomFormat}, ${names.join(', ')}`);
  echo(`the list of dependencies has ${names.length} packages`);
} finally {
  cd(root);
  await rm(folder, { recursive: true, force: true });
}

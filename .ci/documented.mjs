#!/usr/bin/env node
// Runs the commands that proof/docs/documented-commands.ts marks as documented.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { $, echo } from 'zx';
import { commandsIn, treatmentOf } from '../dist/proof/docs/documented-commands.js';
import { readDocuments } from '../dist/proof/docs/documents.js';

const root = process.cwd();
const kit = join(root, 'dist', 'cli', 'main.js');
const folder = await mkdtemp(join(tmpdir(), 'documented-'));
const socket = join(folder, 'mcp.sock');
$.verbose = false;

/**
 * Kinds of commands: the text that they start with, their working folder, their shell (default: bash), and how to
 * prepare the folder.
 */
const kinds = [
  { begins: 'npm run image', folder: root },
  {
    begins: 'jq ',
    folder,
    prepare: () => $({ cwd: folder })`node ${kit} --suite health --report json=report.json`,
  },
  { begins: 'go build', folder: join(root, 'runtimes', 'go') },
  {
    begins: 'MCP_RUNTIME_GRPC_UDS=/tmp/mcp.sock ./mcp-runtime',
    folder: join(root, 'runtimes', 'go'),
  },
  { begins: 'source <(npx mcp-runtime-conformance completion bash)', folder },
  { begins: 'source <(npx mcp-runtime-conformance completion zsh)', folder, shell: 'zsh' },
  { begins: 'npx mcp-runtime-conformance completion fish | source', folder, shell: 'fish' },
];

let server;
try {
  for (const { path, line, command } of readDocuments().flatMap(commandsIn)) {
    if ((await treatmentOf(command))?.kind !== 'documented') continue;
    const kind = kinds.find(({ begins }) => command.startsWith(begins));
    if (kind === undefined)
      throw new Error(`${path}:${line}: ${command} does not match a kind in .ci/documented.mjs; add one`);
    echo(`${path}:${line}: ${command}`);
    await kind.prepare?.();
    const local = command
      .replaceAll('/tmp/mcp.sock', socket)
      .replaceAll('npx mcp-runtime-conformance', `node ${kit}`);
    const run = $({ cwd: kind.folder })`${kind.shell ?? 'bash'} -c ${local}`;
    // The runtime keeps running until it is stopped.
    if (command.endsWith('./mcp-runtime')) {
      server = run.nothrow();
      await $`while [ ! -S ${socket} ]; do sleep 0.1; done`.timeout('10s');
    } else await run;
  }
  echo('all documented commands succeeded');
} finally {
  await server?.kill('SIGTERM');
  await rm(join(root, 'runtimes', 'go', 'mcp-runtime'), { force: true });
  await rm(folder, { recursive: true, force: true });
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { errorMessage } from '../../base/error-message.ts';
import { packageRoot } from '../../base/package.ts';
import { makeProveProgram } from '../prove.ts';
import type { Document } from './documents.ts';
import { kitWords, readRun } from './kit-commands.ts';

/** A command line in a document, without its comment and with its continuation lines joined. */
export interface DocumentedCommand {
  readonly path: string;
  readonly line: number;
  readonly command: string;
}

/** How the kit checks a documented command. */
export type Treatment =
  /** `.ci/run` runs the command, or the equivalent command `by`. */
  | { readonly kind: 'gate'; readonly by: string }
  /** `.ci/documented.mjs` runs the command, as a part of `.ci/run`. */
  | { readonly kind: 'documented' }
  /** The command line parser accepts the command, or rejects it with `problem`. */
  | { readonly kind: 'parsed'; readonly problem?: string }
  /** The command is not checked. */
  | { readonly kind: 'elsewhere'; readonly reason: string };

const measures = 'it is a measurement, or needs a tool that the gate does not install';
const packageCheck = 'node .ci/package.mjs mcp-reference-runtime:latest';
const releaseBuild = 'the gate builds and starts the same program in the image of the Rust runtime';

function elsewhere(reason: string): Treatment {
  return { kind: 'elsewhere', reason };
}

function gate(by: string): Treatment {
  return { kind: 'gate', by };
}

/** The package is not published yet, so the script installs its tarball. */
const inTutorial = gate('node .ci/tutorial.mjs');
const pythonCatalog = gate('node .ci/python-catalog.mjs');
const documented: Treatment = { kind: 'documented' };

/** How commands outside the gate and the kit are checked. A `*` at the end of a pattern matches any text. */
export const treatments: Readonly<Record<string, Treatment>> = {
  'npm run docs': gate('npm run check'),
  'npm run fuzz -- *': elsewhere('it takes minutes, and each fuzzer runs briefly in the gate'),
  'npm run image': elsewhere('it needs a base image from a registry'),
  'npm run image -- --base host': documented,
  'npm run images -- go --base host': gate('npm run images -- --base host'),
  'jq *': documented,
  'go build -o mcp-runtime ./cmd/mcp-runtime': documented,
  'MCP_RUNTIME_GRPC_UDS=/tmp/mcp.sock ./mcp-runtime*': documented,
  'node check.mjs': gate('npm run check:go'),
  'go test *': elsewhere(measures),
  'cargo build --release': elsewhere(releaseBuild),
  'MCP_RUNTIME_GRPC_UDS=/run/mcp/runtime.sock target/release/mcp-runtime': elsewhere(releaseBuild),
  'target/release/mcp-runtime health': elsewhere(releaseBuild),
  'cargo bench --bench session_cycles': elsewhere(measures),
  'node ../../docker/rust.mjs --base host': gate('npm run images -- --base host'),
  'pip install ./runtimes/python-catalog': pythonCatalog,
  'python -m unittest discover --start-directory tests': pythonCatalog,
  'node ../../.ci/python-catalog.mjs': pythonCatalog,
  'mkdir my-runtime': inTutorial,
  'cd my-runtime': inTutorial,
  'npm init -y': inTutorial,
  'npm install --save-dev mcp-runtime-conformance': elsewhere('it needs the published package'),
  'npm install --save-dev git+https://*': elsewhere('it needs a public repository'),
  'npm install --save-dev git+file:///path/to/clone': gate(packageCheck),
  'npm pack': gate(packageCheck),
  'npm install --save-dev /path/to/clone/*': gate(packageCheck),
  'python3 -m venv .venv': inTutorial,
  '.venv/bin/*': inTutorial,
  'source <(npx mcp-runtime-conformance completion *': documented,
  'npx mcp-runtime-conformance completion fish | source': documented,
};

/** Returns whether a pattern of `treatments` matches a command. */
export function isFor(pattern: string, command: string): boolean {
  return pattern.endsWith('*') ? command.startsWith(pattern.slice(0, -1)) : command === pattern;
}

/** Returns the commands in `sh` code blocks. */
export function commandsIn({ path, text }: Document): readonly DocumentedCommand[] {
  const commands: DocumentedCommand[] = [];
  let inFence = false;
  let open: DocumentedCommand | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    if (/^```/.test(line)) {
      inFence = line === '```sh';
      continue;
    }
    if (!inFence) continue;
    const own = line.replace(/(^| +)# .*$/, '').trim();
    const { command = '', line: at = index + 1 } = open ?? {};
    const whole = `${command} ${own}`.trim();
    open = { path, line: at, command: whole.replace(/ *\\$/, '') };
    if (whole.endsWith('\\')) continue;
    for (const each of open.command.split(' && ')) if (each !== '') commands.push({ ...open, command: each });
    open = undefined;
  }
  return commands;
}

/** Returns the treatment of a command, or undefined if the command is unknown. */
export async function treatmentOf(command: string): Promise<Treatment | undefined> {
  const known = Object.entries(treatments).find(([pattern]) => isFor(pattern, command));
  if (known !== undefined) return known[1];
  if (gateCommands().includes(command)) return gate(command);
  const words = kitWords(command);
  if (words !== undefined) return parsed(() => readRun(words));
  const proof = /^npm run prove(?: -- (?<words>.*))?$/.exec(command);
  if (proof === null) return undefined;
  const [, proofWords = 'all'] = proof;
  const program = makeProveProgram(async () => {}).configureOutput({ writeOut: () => {} });
  return parsed(() => program.parseAsync(proofWords.split(' '), { from: 'user' }));
}

async function parsed(parse: () => Promise<unknown>): Promise<Treatment> {
  try {
    await parse();
    return { kind: 'parsed' };
  } catch (error) {
    // Commander reports help as an error.
    if (error instanceof CommanderError && error.exitCode === 0) return { kind: 'parsed' };
    return { kind: 'parsed', problem: errorMessage(error) };
  }
}

/** Returns the commands of `.ci/run`, in the form that documents use. */
export function gateCommands(): readonly string[] {
  return readFileSync(join(packageRoot(), '.ci', 'run'), 'utf8')
    .split('\n')
    .map((line) => line.replace('npm run --silent ', 'npm run ').replace(/ -- --reporter.*$/, ''))
    .map((line) => line.replace(/^node dist\/cli\/main\.js/, 'npx mcp-runtime-conformance').trim())
    .map((line) => (line === 'npm run prove -- all' ? 'npm run prove' : line));
}

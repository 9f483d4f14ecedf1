import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { errorMessage } from '../../base/error-message.ts';
import { packageRoot } from '../../base/package.ts';
import { makeProveProgram } from '../prove.ts';
import type { Document } from './documents.ts';
import { kitWords, readRun } from './kit-commands.ts';

/** A command line of a document, without its comment and with its continued lines joined. */
export interface DocumentedCommand {
  readonly path: string;
  readonly line: number;
  readonly command: string;
}

/** How a documented command is kept true. */
export type Treatment =
  /** `.ci/run` runs it, or `by`, which does the same. */
  | { readonly kind: 'gate'; readonly by: string }
  /** `.ci/documented.mjs`, which `.ci/run` calls, runs it. */
  | { readonly kind: 'documented' }
  /** The real command line parses it. `problem` says why it does not. */
  | { readonly kind: 'parsed'; readonly problem?: string }
  /** It is not run. */
  | { readonly kind: 'elsewhere'; readonly reason: string };

const measures = 'it measures, or needs a tool that the gate does not install';
const packageCheck = 'node .ci/package.mjs mcp-reference-runtime:latest';
const releaseBuild = 'the image of the Rust runtime is built from the same program, and started';

function elsewhere(reason: string): Treatment {
  return { kind: 'elsewhere', reason };
}

function gate(by: string): Treatment {
  return { kind: 'gate', by };
}

/** The package is not published yet: the script installs its tarball instead. */
const inTutorial = gate('node .ci/tutorial.mjs');
const documented: Treatment = { kind: 'documented' };

/** Commands that are neither in the gate nor of the kit: by their text, or by its beginning before a `*`. */
export const treatments: Readonly<Record<string, Treatment>> = {
  'npm run docs': gate('npm run check'),
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
  'mkdir my-runtime': inTutorial,
  'cd my-runtime': inTutorial,
  'npm init -y': inTutorial,
  'npm install --save-dev mcp-runtime-conformance': elsewhere('the package has to be published'),
  'npm install --save-dev git+https://*': elsewhere('the repository has to be public'),
  'npm install --save-dev git+file:///path/to/clone': gate(packageCheck),
  'npm pack': gate(packageCheck),
  'npm install --save-dev /path/to/clone/*': gate(packageCheck),
  'python3 -m venv .venv': inTutorial,
  '.venv/bin/*': inTutorial,
};

/** Whether a pattern of `treatments` is for a command. */
export function isFor(pattern: string, command: string): boolean {
  return pattern.endsWith('*') ? command.startsWith(pattern.slice(0, -1)) : command === pattern;
}

/** The commands in fences marked `sh`. */
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

/** How a command is kept true; undefined for one that nobody has decided on. */
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
    // Help counts as an error, too.
    if (error instanceof CommanderError && error.exitCode === 0) return { kind: 'parsed' };
    return { kind: 'parsed', problem: errorMessage(error) };
  }
}

/** The commands of `.ci/run`, as documents write them. */
export function gateCommands(): readonly string[] {
  return readFileSync(join(packageRoot(), '.ci', 'run'), 'utf8')
    .split('\n')
    .map((line) => line.replace('npm run --silent ', 'npm run ').replace(/ -- --reporter.*$/, ''))
    .map((line) => line.replace(/^node dist\/cli\/main\.js/, 'npx mcp-runtime-conformance').trim())
    .map((line) => (line === 'npm run prove -- all' ? 'npm run prove' : line));
}

#!/usr/bin/env node
// Holds the conformance kit against the Go runtime with one fault at a time: each has to be caught by a case of the clause
// that it violates, and the runtime without a fault has to be conformant.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const usage = `node proof/go-faults/run.mjs [NAME ...] [--together N]
  NAME         only these faults (default: all)
  --together   how many are tried at the same time (default: 2)`;

const variable = 'MCP_RUNTIME_FAULT';
const caseTimeoutSeconds = '5';
const module = fileURLToPath(new URL('../../runtimes/go/', import.meta.url));
const kit = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Builds the runtime. @returns its path */
function build(folder, name, ...flags) {
  const binary = join(folder, name);
  try {
    execFileSync('go', ['build', ...flags, '-o', binary, './cmd/mcp-runtime'], {
      cwd: module,
      env: { ...process.env, CGO_ENABLED: '0' },
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    });
  } catch (error) {
    const why = error.code === 'ENOENT' ? 'there is no go: install Go 1.26 or later' : error.stderr.trim();
    throw new Error(`The runtime cannot be built: ${why}`);
  }
  return binary;
}

/** Runs the kit. @returns {Promise<{code: number | null, report: any, output: string}>} */
async function check(binary, folder, name, options) {
  const file = join(folder, `${name}.json`);
  const target = ['--command', binary, '--no-color', '--report', `json=${file}`];
  const kitProcess = spawn(process.execPath, [kit, ...target, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [kitProcess.stdout, kitProcess.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  const code = await new Promise((resolve, reject) => {
    kitProcess.once('error', reject);
    kitProcess.once('close', resolve);
  });
  const report = existsSync(file) ? JSON.parse(await readFile(file, 'utf8')) : undefined;
  return { code, report, output };
}

/** Tries one fault on the cases of its clause. @returns what is wrong, or undefined where it was caught */
async function tryFault(fault, casesOf, binary, folder) {
  const cases = casesOf.get(fault.clause) ?? [];
  if (cases.length === 0) {
    return `no case names ${fault.clause}`;
  }
  const { code, report, output } = await check(binary, folder, fault.name, [
    ...cases.flatMap((id) => ['--case', id]),
    ...['--timeout', caseTimeoutSeconds, '--env', `${variable}=${fault.name}`],
  ]);
  if (code !== 0 && code !== 1) {
    return `the kit ended with ${code}: ${output.trim().split('\n').at(-1)}`;
  }
  const failed = report.cases.filter(({ outcome }) => outcome.kind === 'failed').map(({ id }) => id);
  if (failed.length === 0) {
    return `not caught by ${cases.join(', ')}`;
  }
  console.log(`caught  ${fault.name.padEnd(32)}${fault.clause.padEnd(14)}${failed.join(', ')}`);
  return undefined;
}

async function tryAll(faults, together, attempt) {
  const queue = [...faults];
  const missed = [];
  const work = async () => {
    for (let fault = queue.shift(); fault !== undefined; fault = queue.shift()) {
      const wrong = await attempt(fault);
      if (wrong !== undefined) {
        console.log(`MISSED  ${fault.name}: ${fault.about}; ${wrong}`);
        missed.push(fault.name);
      }
    }
  };
  await Promise.all(Array.from({ length: together }, work));
  return missed;
}

function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { together: { type: 'string', default: '2' }, help: { type: 'boolean', default: false } },
  });
  if (!/^[1-9]\d?$/.test(values.together)) {
    throw new Error(`--together ${values.together}: must be a whole number from 1 to 99.`);
  }
  return { ...values, together: Number(values.together), names: positionals };
}

function chosen(faults, names) {
  const unknown = names.filter((name) => faults.every((fault) => fault.name !== name));
  if (unknown.length > 0) {
    throw new Error(
      `There is no fault ${unknown.join(', ')}: there are ${faults.map(({ name }) => name).join(', ')}.`,
    );
  }
  return names.length === 0 ? faults : faults.filter(({ name }) => names.includes(name));
}

/** @returns {Promise<boolean>} whether every fault was caught and the runtime without one is conformant */
async function run({ names, together }, folder) {
  if (!existsSync(kit)) {
    throw new Error(`The kit is not compiled: there is no ${kit}. Run: npm run build`);
  }
  const binary = build(folder, 'mcp-runtime-with-faults', '-tags', 'faults');
  const listed = execFileSync(binary, ['faults'], { encoding: 'utf8' }).trim().split('\n');
  const faults = chosen(
    listed.map((line) => JSON.parse(line)),
    names,
  );
  if (readFileSync(build(folder, 'mcp-runtime')).includes(variable)) {
    throw new Error('The production build has faults in it.');
  }
  const untouched = await check(binary, folder, 'none', []);
  if (untouched.code !== 0) {
    throw new Error(`The runtime without a fault is not conformant:\n${untouched.output}`);
  }
  console.log(`without a fault: ${untouched.report.verdict.sentence}`);
  const casesOf = new Map(untouched.report.clauses.map(({ clause, cases }) => [clause, cases]));
  const missed = await tryAll(faults, together, (fault) => tryFault(fault, casesOf, binary, folder));
  console.log(`${faults.length - missed.length} of ${faults.length} faults caught by a case of their clause`);
  return missed.length === 0;
}

const folder = await mkdtemp(join(tmpdir(), 'mcp-go-faults-'));
try {
  const options = readOptions();
  if (options.help) {
    console.log(usage);
  } else {
    process.exitCode = (await run(options, folder)) ? 0 : 1;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

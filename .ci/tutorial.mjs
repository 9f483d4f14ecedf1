#!/usr/bin/env node
// Follows docs/new-language.md in an empty folder, with the packed tarball instead of the published package. Writes its
// programs, applies its diff, runs its commands, and compares their verdicts with the output on the page.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { $, echo } from 'zx';

const page = 'docs/new-language.md';
const root = process.cwd();
const folder = await mkdtemp(join(tmpdir(), 'tutorial-'));
const runtime = join(folder, 'my-runtime');
const program = join(runtime, 'runtime.py');

/**
 * Returns the code blocks of the page in order, each with its first line number and, for a program, with the file name
 * that the text before it mentions last.
 */
function fencesOf(text) {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(({ 1: language, 2: content, index }) => ({
    language,
    content,
    file: [...text.slice(0, index).matchAll(/`(\w+\.py)`/g)].at(-1)?.[1],
    line: text.slice(0, index).split('\n').length,
  }));
}

/** Applies a diff without a header to the program. */
async function applyDiff(diff) {
  const lines = diff.trimEnd().split('\n');
  const before = lines.filter((line) => !line.startsWith('+')).map((line) => line.slice(1));
  const after = lines.filter((line) => !line.startsWith('-')).map((line) => line.slice(1));
  const text = await readFile(program, 'utf8');
  if (!text.includes(before.join('\n'))) throw new Error(`the diff does not apply to ${program}`);
  await writeFile(
    program,
    text.replace(before.join('\n'), () => after.join('\n')),
  );
}

/** Runs a block of commands in the folder of the runtime. Exit code 1 is allowed: the runtime may not be conformant. */
async function run({ content, line }, { cwd = runtime, exitCodes = [0, 1] } = {}) {
  echo(`${page}:${line}: ${content.trim().split('\n')[0]}`);
  const script = content.replace('--save-dev mcp-runtime-conformance', `--save-dev ${tarball}`);
  const { exitCode, stdout, stderr } = await $({ cwd, quiet: true, nothrow: true })`bash -c ${script}`;
  if (!exitCodes.includes(exitCode))
    throw new Error(`${page}:${line}: exit code ${exitCode}\n${stdout}${stderr}`);
  return stdout;
}

/** Returns the reproducible lines of an output: suites and verdicts. */
function verdictsIn(screen) {
  const suites = screen.match(/^ {2}(ok|FAIL|skip|stop) +\S+ +\d.*$/gm) ?? [];
  const sentences =
    screen.match(/^(\d+ of \d+ selected|(not )?conformant at)[\s\S]*?(passed|failed|skipped)$/gm) ?? [];
  return [...suites, ...sentences].map((text) => text.trim().replace(/\s+/g, ' '));
}

const [packed] = (
  await $({ cwd: root, quiet: true })`npm pack --silent --ignore-scripts --pack-destination ${folder}`
).stdout
  .trim()
  .split('\n');
const tarball = join(folder, packed);

try {
  const fences = fencesOf(await readFile(join(root, page), 'utf8'));
  const [setup, ...steps] = fences;
  await run(setup, { cwd: folder, exitCodes: [0] });
  let last;
  let output = '';
  const wrong = [];
  for (const step of steps) {
    // The script skips the image command, because the page builds no image, the watch, which does not end, and the
    // completion for other shells, which documented.mjs runs.
    if (step.language === 'sh' && !/--image|--watch$|completion/m.test(step.content)) {
      last = step;
      output = await run(step);
    } else if (step.language === 'python') {
      await writeFile(join(runtime, step.file), step.content);
    } else if (step.language === 'diff') {
      await applyDiff(step.content);
      output = await run(last);
    } else if (step.language === '') {
      const said = verdictsIn(output);
      const missing = verdictsIn(step.content).filter((each) => !said.includes(each));
      if (missing.length > 0)
        wrong.push(`${page}:${step.line}: not in the output: ${missing.join('; ')}\n${output}`);
    }
  }
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  echo(`${page} matches the actual output`);
} catch (error) {
  echo(error.message);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

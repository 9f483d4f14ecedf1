import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { $ } from 'zx';
import { packageRoot } from '../../base/package.ts';
import { readDocuments } from './documents.ts';
import { loadFacts } from './facts.ts';
import { type Marker, readMarkers, sealMarked } from './markers.ts';
import { readRecording, staleRecording } from './recorded.ts';

/**
 * Runs the commands of recorded blocks and replaces the blocks.
 * @param texts selects commands that contain one of these texts; an empty list selects commands with outdated output
 */
export async function recordAgain(texts: readonly string[]): Promise<void> {
  const facts = await loadFacts();
  for (const { path } of readDocuments()) {
    for (let index = 0; ; index += 1) {
      const document = readDocuments().find((each) => each.path === path);
      const marker = readMarkers(document?.text ?? '').markers.filter(({ kind }) => kind === 'recorded')[
        index
      ];
      if (document === undefined || marker === undefined) break;
      const isChosen =
        texts.length > 0
          ? texts.some((text) => marker.label.includes(text))
          : (await staleRecording(marker, facts)).length > 0;
      if (!isChosen) continue;
      if (!marker.isBlock || readRecording(marker.label)?.byHand !== false) {
        console.log(`${path}:${marker.line}: record this output by hand: ${marker.label}`);
        continue;
      }
      const text = await withNewOutput(document.text, marker);
      // A command with --markdown writes its page itself, including the markers.
      if (text !== undefined) await writeFile(join(packageRoot(), path), text);
      await sealRecordings([marker.label.replace(/^[\d-]+, /, '')]);
    }
  }
}

/**
 * Seals recorded blocks.
 * @param texts selects commands that contain one of these texts; an empty list selects blocks recorded by hand
 */
export async function sealRecordings(texts: readonly string[]): Promise<void> {
  for (const { path, text } of readDocuments()) {
    const isChosen = ({ label }: Marker) =>
      texts.length === 0 ? readRecording(label)?.byHand === true : texts.some((each) => label.includes(each));
    const sealed = sealMarked(text, isChosen);
    if (sealed !== text) await writeFile(join(packageRoot(), path), sealed);
  }
}

async function withNewOutput(text: string, marker: Marker): Promise<string | undefined> {
  const command = readRecording(marker.label)?.command ?? '';
  console.log(`$ ${command}`);
  const { stdout, stderr, exitCode } = await runHere(command);
  // Exit code 1 is a verdict, so the output is complete.
  if (stdout === '' || (exitCode ?? 2) > 1) {
    throw new Error(`${command} ended with exit code ${exitCode}: ${(stderr || stdout).trim()}`);
  }
  if (command.includes('--markdown')) return undefined;
  const content = layOut(marker.content, stdout, command);
  const today = new Date().toISOString().slice(0, 10);
  const opening = marker.start - `<!-- recorded: ${marker.label} -->`.length;
  return `${text.slice(0, opening)}<!-- recorded: ${today}, ${command} -->${content}${text.slice(marker.end)}`;
}

/** Runs a documented command line in this checkout, with the kit built from it. */
function runHere(command: string) {
  const line = command
    .replace(/^npx mcp-runtime-conformance/, 'node dist/cli/main.js')
    .replace(/^npm run /, 'npm run --silent ');
  return $({
    cwd: packageRoot(),
    quiet: true,
    nothrow: true,
    env: { ...process.env, NO_COLOR: '1' },
  })`sh -c ${line}`;
}

/**
 * Formats new output like the recorded output, with a code block or a command line if the recorded output has one.
 * If the recorded output is an excerpt, so is the result. Otherwise the output starts at the first recorded line.
 */
export function layOut(recorded: string, output: string, command: string): string {
  if (!recorded.startsWith('\n```')) return `\n${output.trim()}\n`;
  const [, ...lines] = recorded.trim().split('\n').slice(0, -1);
  const withCommand = lines[0]?.startsWith('$ ') ? [`$ ${command}`] : [];
  const isExcerpt = lines.at(-1)?.trim() === '…';
  const all = output.trimEnd().split('\n');
  const start = Math.max(0, all.indexOf(lines[0] ?? ''));
  const shown = isExcerpt ? excerpt(lines, output) : all.slice(start);
  return `\n${['```', ...withCommand, ...shown, '```'].join('\n')}\n`;
}

/** Returns the excerpt of the output that starts with the same line and has the same number of paragraphs. */
function excerpt(lines: readonly string[], output: string): readonly string[] {
  const paragraphs = (of: readonly string[]) => of.join('\n').split('\n\n').length;
  const all = output.trimEnd().split('\n');
  const start = all.indexOf(lines[0] ?? '');
  if (start < 0) throw new Error(`the output does not contain "${lines[0]}", the first line of the excerpt`);
  const kept = all
    .slice(start)
    .join('\n')
    .split('\n\n')
    .slice(0, paragraphs(lines) - 1);
  return [...kept.join('\n\n').split('\n'), '', '  …'];
}

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../base/package.ts';
import type { Document } from './documents.ts';
import { type Facts, loadFacts } from './facts.ts';
import { generators, type Sources } from './generated.ts';
import { loadCommands } from './kit-commands.ts';
import { literalCounts } from './literal-counts.ts';
import { type Marker, type Problem, readMarkers, replaceMarked, sealOf } from './markers.ts';
import { staleRecording } from './recorded.ts';

/** A problem in one of the documents. */
export interface DocumentProblem extends Problem {
  readonly path: string;
  /**
   * How to fix the problem: run `npm run docs`, record or seal the output again, take the picture, or edit the text.
   */
  readonly remedy: 'generate' | 'record' | 'seal' | 'picture' | 'edit';
}

/** Loads the sources of generated content. @throws FixtureError, ContractError */
export async function loadSources(documents: readonly Document[]): Promise<Sources> {
  const byPath = new Map(documents.map(({ path, text }) => [path, text]));
  return {
    facts: await loadFacts(),
    commands: await loadCommands(),
    textOf: (path) => byPath.get(path) ?? '',
  };
}

/** Returns the text of a document with up-to-date generated content. */
export function regenerate({ text }: Document, sources: Sources): string {
  return replaceMarked(text, (marker) => contentOf(marker, sources));
}

function contentOf({ kind, label, isBlock }: Marker, sources: Sources): string | undefined {
  if (kind !== 'generated' || !Object.hasOwn(generators, label)) return undefined;
  const value = generators[label]?.(sources);
  return isBlock || value?.includes('\n') ? `\n${value}\n` : value;
}

/** Returns all problems in a document, sorted by line. */
export async function problemsOf(document: Document, sources: Sources): Promise<readonly DocumentProblem[]> {
  const { path, text } = document;
  const { markers, problems } = readMarkers(text);
  const edit = [...problems, ...unknownNames(markers), ...literalCounts(text)];
  const recorded = markers.filter(({ kind }) => kind === 'recorded');
  return [
    ...edit.map((problem) => ({ path, remedy: 'edit' as const, ...problem })),
    ...outdated(markers, sources).map((problem) => ({ path, remedy: 'generate' as const, ...problem })),
    ...editedByHand(recorded).map((problem) => ({ path, remedy: 'seal' as const, ...problem })),
    ...(await staleIn(recorded, sources.facts)).map((problem) => ({
      path,
      remedy: 'record' as const,
      ...problem,
    })),
  ].sort((one, other) => one.line - other.line);
}

function unknownNames(markers: readonly Marker[]): readonly Problem[] {
  return markers
    .filter(({ kind, label }) => kind === 'generated' && !Object.hasOwn(generators, label))
    .map(({ label, line }) => ({
      line,
      message: `unknown generator "${label}"; proof/docs/generated.ts has ${Object.keys(generators).join(', ')}`,
    }));
}

/** Returns a problem for each outdated marker. For a table, it describes the first different line. */
function outdated(markers: readonly Marker[], sources: Sources): readonly Problem[] {
  return markers.flatMap((marker) => {
    const expected = contentOf(marker, sources);
    if (expected === undefined || expected === marker.content) return [];
    const [actualLines, expectedLines] = [marker.content, expected].map((text) => text.split('\n'));
    const at = Math.max(0, expectedLines?.findIndex((line, index) => line !== actualLines?.[index]) ?? 0);
    const [actualLine, expectedLine] = [actualLines, expectedLines].map((lines) => lines?.[at] ?? '');
    const message = `${marker.label} is "${actualLine}", expected "${expectedLine}"`;
    return [{ line: marker.line + at, message }];
  });
}

function editedByHand(recorded: readonly Marker[]): readonly Problem[] {
  return recorded
    .filter(({ content, seal }) => seal !== sealOf(content))
    .map(({ line, seal }) => ({
      line,
      message:
        seal === undefined
          ? 'the recorded output has no seal'
          : 'the recorded output was edited: it does not match its seal',
    }));
}

async function staleIn(recorded: readonly Marker[], facts: Facts): Promise<readonly Problem[]> {
  return (await Promise.all(recorded.map((marker) => staleRecording(marker, facts)))).flat();
}

/** Updates the generated content of documents. Resolves to the paths of the changed documents. */
export async function writeDocuments(
  documents: readonly Document[],
  sources: Sources,
): Promise<readonly string[]> {
  const changed = documents
    .map(({ path, text }) => ({ path, text, wanted: regenerate({ path, text }, sources) }))
    .filter(({ text, wanted }) => text !== wanted);
  await Promise.all(changed.map(({ path, wanted }) => writeFile(join(packageRoot(), path), wanted)));
  return changed.map(({ path }) => path);
}

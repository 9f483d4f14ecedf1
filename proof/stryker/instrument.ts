import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Instrumenter } from '@stryker-mutator/instrumenter';
import { packageRoot } from '../../base/package.ts';

/** A change that Stryker makes to the source of the reference runtime. */
export interface Mutant {
  /** The id with which the instrumented code selects it. It is valid for one build. */
  readonly id: string;
  /** Path relative to the root of the package. */
  readonly file: string;
  /** Line of the change, from 1. */
  readonly line: number;
  /** The source line without its indentation. */
  readonly code: string;
  /** The kind of the change in the words of Stryker, such as `EqualityOperator`. */
  readonly mutator: string;
  /** The changed text, on one line. */
  readonly original: string;
  /** The new text, on one line. */
  readonly replacement: string;
}

/** Files that contain all their mutants. The global object of Stryker activates one of them. */
export interface Instrumented {
  /** The instrumented sources by path relative to the root of the package. */
  readonly sources: ReadonlyMap<string, string>;
  readonly mutants: readonly Mutant[];
}

const nothing = () => undefined;
const never = () => false;
const silentLogger = {
  ...{ isTraceEnabled: never, isDebugEnabled: never, isInfoEnabled: never },
  ...{ isWarnEnabled: never, isErrorEnabled: never, isFatalEnabled: never },
  ...{ trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing, fatal: nothing },
};

/** Instruments source files. @param paths relative to the root of the package */
export async function instrument(paths: readonly string[]): Promise<Instrumented> {
  const files = await Promise.all(
    paths.map(async (name) => ({
      name,
      content: await readFile(join(packageRoot(), name), 'utf8'),
      mutate: true,
    })),
  );
  const contents = new Map(files.map(({ name, content }) => [name, content]));
  const options = { plugins: null, excludedMutations: [], ignorers: [] };
  const result = await new Instrumenter(silentLogger).instrument(files, options);
  return {
    sources: new Map(result.files.map(({ name, content }) => [name, content])),
    mutants: result.mutants.map(({ id, fileName, mutatorName, replacement, location: { start, end } }) => {
      const lines = (contents.get(fileName) ?? '').split('\n');
      const changed = lines.slice(start.line, end.line + 1);
      changed[changed.length - 1] = changed.at(-1)?.slice(0, end.column) ?? '';
      changed[0] = changed[0]?.slice(start.column) ?? '';
      return {
        id,
        file: fileName,
        line: start.line + 1,
        code: lines[start.line]?.trim() ?? '',
        mutator: mutatorName,
        original: oneLine(changed.join('\n')),
        replacement: oneLine(replacement),
      };
    }),
  };
}

/** Maximum length of a text in a description. The beginning of a longer text is enough to recognise the change. */
const longestText = 80;

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > longestText ? `${line.slice(0, longestText - 1)}…` : line;
}

/** Describes a change in one line. */
export function changeOf({ original, replacement }: Pick<Mutant, 'original' | 'replacement'>): string {
  return `${original} → ${replacement}`;
}

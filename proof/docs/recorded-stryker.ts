import { firstOf } from '../../conformance/text/text.ts';
import { mutatedFiles } from '../stryker/subjects.ts';

/** A page written by `npm run prove -- stryker --markdown FILE`. */
interface StrykerPage {
  readonly tried: number;
  readonly caught: number;
  /** Survivors with a listed reason. */
  readonly listed: number;
  /** The mutated files that the table names. */
  readonly files: readonly string[];
}

/** Reads the summary and the table of a page. */
export function readStrykerPage(page: string): StrykerPage {
  const numbers = (pattern: RegExp) => pattern.exec(page)?.slice(1).map(Number) ?? [];
  const [tried = 0] = numbers(/^- (\d+) mutants tried, /m);
  const [caught = 0, listed = 0] = numbers(/^- (\d+) caught .*?, (\d+) survived for a listed reason/m);
  const rows = [...page.matchAll(/^\| [a-z-]+ \| `(?<file>[^`]+)` \| \d+ \|/gm)];
  return { tried, caught, listed, files: rows.map(({ groups = {} }) => groups['file'] ?? '') };
}

/**
 * Returns the differences between a page and this build, each as a phrase. A page of an earlier suite stays true: further
 * cases can only catch more.
 */
export function staleStryker(page: string): readonly string[] {
  const { files } = readStrykerPage(page);
  const named = (title: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${title}: ${firstOf(names, 3)}`];
  return [
    ...named(
      'mutated files without a row',
      mutatedFiles.filter((file) => !files.includes(file)),
    ),
    ...named(
      'rows of files that are not mutated',
      files.filter((file) => !mutatedFiles.includes(file)),
    ),
  ];
}

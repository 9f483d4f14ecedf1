import { groupBy } from '../../base/group.ts';
import type { MatrixDocument, ReportDocument, RunDocument } from '../compare/document.ts';
import { matrixDocument } from '../formats/json/matrix.ts';
import type { ExitCode } from '../judge/verdict.ts';
import { type MatrixReport, makeMatrix } from '../matrix/matrix.ts';
import type { Report } from '../report/report.ts';
import { joinRuns } from './join-runs.ts';
import { MergeError, requireAll, requireSame, type Sourced, spanOf } from './joinable.ts';
import { clausesFrom, reportFrom } from './report-from.ts';

/** A report made of several. */
export interface MergedReport {
  /** The report as a JSON value, like one that `--report json` writes. */
  readonly document: object;
  /** The report as a value, for other formats. Its clauses have no texts. */
  readonly report: Report | MatrixReport;
  /** The verdict in one sentence. */
  readonly sentence: string;
  readonly exitCode: ExitCode;
}

/**
 * Merges reports: the shards of a run, the shards of a matrix, or matrices of different implementations. The result is
 * the report that one run of everything writes, except for times.
 * @throws MergeError if the reports do not fit together
 */
export function mergeReports(reports: readonly Sourced<ReportDocument>[]): MergedReport {
  const runs: Sourced<RunDocument>[] = [];
  const matrices: Sourced<MatrixDocument>[] = [];
  for (const { file, part } of reports) {
    if (part.kind === 'run') runs.push({ file, part: part.run });
    else matrices.push({ file, part: part.matrix });
  }
  const [run] = runs;
  const [matrix] = matrices;
  if (run === undefined) return mergeMatrices(matrices);
  if (matrix !== undefined) {
    throw new MergeError([run.file, matrix.file], 'the first is the report of a run, the second of a matrix');
  }
  const document = joinRuns(runs, 'the run');
  const report = reportFrom(document);
  return report.kind === 'run'
    ? { document, report, sentence: report.verdict.sentence, exitCode: report.verdict.exitCode }
    : { document, report, sentence: `the target could not be tested: ${report.error.message}`, exitCode: 3 };
}

/** An implementation of a matrix, with the parts of its report. */
interface Gathered {
  readonly name: string;
  readonly parts: readonly Sourced<RunDocument>[];
}

function mergeMatrices(matrices: readonly Sourced<MatrixDocument>[]): MergedReport {
  const [first] = matrices;
  if (first === undefined) throw new Error('no reports');
  requireSame(matrices, ({ tool, level }) => ({ tool, level }));
  requireSame(
    matrices.flatMap(({ file, part }) => part.implementations.map(({ report }) => ({ file, part: report }))),
    // Required capabilities may differ between targets.
    ({ settings: { contract, era, transport, narrowed, failOnSkip, repeat } }) => ({
      settings: { contract, era, transport, narrowed, failOnSkip, repeat },
    }),
  );
  const gathered = gather(matrices);
  requireSameCases(gathered);
  const implementations = gathered.map(({ name, parts }) => ({ name, document: joinRuns(parts, name) }));
  const documents = implementations.map(({ document }) => document);
  const tested = documents.flatMap((document) => (document.error === undefined ? [document] : []));
  const matrix = makeMatrix({
    tool: first.part.tool,
    level: first.part.level,
    ...spanOf(matrices.map(({ part }) => part)),
    implementations: implementations.map(({ name, document }) => ({ name, report: reportFrom(document) })),
    clauses: clausesFrom(tested.flatMap(({ clauses }) => clauses)),
  });
  const agreed = new Set(
    matrix.cases.flatMap((row) => (row.agreement === 'passed by all' ? [row.case.id] : [])),
  );
  const { sentence, exitCode } = matrix.verdict;
  return {
    report: matrix,
    document: matrixDocument(
      matrix,
      documents.map((each) => withoutWire(each, agreed)),
    ),
    sentence,
    exitCode,
  };
}

/** Drops the wire events of cases that all implementations passed, as in the report of a whole matrix. */
function withoutWire(document: RunDocument, agreed: ReadonlySet<string>): RunDocument {
  if (document.error !== undefined) return document;
  const cases = document.cases.map((each) => (agreed.has(each.id) ? { ...each, wire: [] } : each));
  return { ...document, cases };
}

/** Gathers the parts of each implementation: in the order of a sharded matrix, otherwise in that of the files. */
function gather(matrices: readonly Sourced<MatrixDocument>[]): readonly Gathered[] {
  const gathered = new Map<
    string,
    { readonly files: ReadonlySet<string>; readonly parts: Gathered['parts'] }
  >();
  const wholes = groupBy(matrices, ({ file, part: { shard } }) =>
    JSON.stringify(shard === undefined ? { file } : { of: shard.of, targets: shard.targets }),
  );
  for (const group of wholes.values()) {
    const files = new Set(group.map(({ file }) => file));
    for (const { name, parts } of partsOf(group)) {
      const earlier = gathered.get(name);
      const [other] = earlier?.files ?? [];
      const [file] = parts;
      if (other !== undefined && file !== undefined) {
        throw new MergeError([other, file.file], `both have the implementation ${name}`);
      }
      gathered.set(name, { files, parts });
    }
  }
  return [...gathered].map(([name, { parts }]) => ({ name, parts }));
}

/** Returns the implementations of one matrix, from its shards or from the whole. */
function partsOf(group: readonly Sourced<MatrixDocument>[]): readonly Gathered[] {
  const [first] = group;
  const shard = first?.part.shard;
  if (shard !== undefined) requireAll(group, ({ shard: own = shard }) => own, 'the matrix');
  const parts = groupBy(
    group.flatMap(({ file, part }) =>
      part.implementations.map(({ name, report }) => ({ file, name, part: report })),
    ),
    ({ name }) => name,
  );
  const names = shard?.targets ?? [...parts.keys()];
  return names.map((name) => {
    const own = parts.get(name);
    if (own === undefined)
      throw new MergeError([first?.file ?? ''], `there is no report of the implementation ${name}`);
    return { name, parts: own };
  });
}

/** Checks that a case checks the same clauses in all reports. @throws MergeError */
function requireSameCases(gathered: readonly Gathered[]): void {
  const known = new Map<string, { readonly file: string; readonly clauses: string }>();
  for (const { file, part } of gathered.flatMap(({ parts }) => parts)) {
    for (const { id, clauses } of part.error === undefined ? part.cases : []) {
      const own = clauses.join(' ');
      const earlier = known.get(id);
      if (earlier !== undefined && earlier.clauses !== own) {
        const reason = `clauses of ${id} are ${earlier.clauses} in the first, ${own} in the second`;
        throw new MergeError([earlier.file, file], reason);
      }
      known.set(id, { file, clauses: own });
    }
  }
}

/** The kit as a library: load cases, run them against a target, judge, report. */

export { type CommandRunnerOptions, createCommandRunner } from '../runners/command.ts';
export { createEmbeddedRunner, type EmbeddedRunnerOptions } from '../runners/embedded.ts';
export { createImageRunner } from '../runners/image/image-runner.ts';
export type { ImageRunnerOptions } from '../runners/image/options.ts';
export type { Address, Instance, LogLine, Runner } from '../runners/runner.ts';
export { RunnerError } from '../runners/runner.ts';
export { createSocketRunner, type SocketRunnerOptions } from '../runners/socket.ts';
export type { CaseHead, CaseLevel, CaseNeeds, DataCase, Step } from './case/case.ts';
export { type Change, type Comparison, ComparisonError, compareReports } from './compare/compare.ts';
export { type ReadReport, ReportFileError, readReport } from './compare/reading.ts';
export { type Clause, type Clauses, loadClauses } from './contract/clauses.ts';
export { type FixtureSet, type LoadOptions, loadFixtures } from './fixture/load.ts';
export { FixtureError, type FixtureProblem } from './fixture/problem.ts';
export type { GatewayCase } from './gateway-check/case.ts';
export { loadGatewayCases } from './gateway-check/load.ts';
export { checkGateway, type GatewayRunOptions } from './gateway-check/run-checks.ts';
export {
  checkKnownFailures,
  type KnownFailure,
  KnownFailuresError,
  parseKnownFailures,
  readKnownFailures,
} from './known-failures/known-failures.ts';
export { renderMatrixJson } from './matrix/json.ts';
export { renderMatrixJunit } from './matrix/junit.ts';
export { renderMatrixMarkdown } from './matrix/markdown.ts';
export {
  type Agreement,
  type CaseRow,
  type ClauseRow,
  type Implementation,
  type MatrixParts,
  type MatrixReport,
  makeMatrix,
} from './matrix/matrix.ts';
export { packageRoot } from './package-root.ts';
export { renderJson } from './report/json.ts';
export { renderJunit } from './report/junit.ts';
export { renderMarkdown } from './report/markdown.ts';
export type { NoTargetReport, Report, ReportedClauses, RunReport, Tool } from './report/report.ts';
export { type RunOptions, TargetError } from './run/options.ts';
export { runSuite } from './run/run.ts';
export type {
  CaseOutcome,
  CaseResult,
  Difference,
  ExitCode,
  Failure,
  RunListener,
  RunResult,
  RunSettings,
  TargetFacts,
  Verdict,
  WireEvent,
} from './verdict/result.ts';
export { judge } from './verdict/verdict.ts';

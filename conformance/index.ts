/** The kit as a library: load cases, run them against a target, judge, report. */

export { packageRoot } from '../base/package.ts';
export { type CommandRunnerOptions, createCommandRunner } from '../runners/command.ts';
export { createEmbeddedRunner, type EmbeddedRunnerOptions } from '../runners/embedded.ts';
export { createImageRunner } from '../runners/image/image-runner.ts';
export type { ImageRunnerOptions } from '../runners/image/options.ts';
export type { Address, Instance, LogLine, Runner } from '../runners/runner.ts';
export { RunnerError } from '../runners/runner.ts';
export { createSocketRunner, type SocketRunnerOptions } from '../runners/socket.ts';
export type { CaseHead, CaseLevel, CaseNeeds, DataCase, Step } from './case/case.ts';
export type { GatewayCase } from './case/gateway-case.ts';
export { type Change, type Comparison, ComparisonError, compareReports } from './compare/compare.ts';
export { type ReadReport, ReportFileError, readReport } from './compare/reading.ts';
export { checkGateway, type GatewayRunOptions } from './drivers/gateway/run-checks.ts';
export { type RunOptions, TargetError } from './engine/options.ts';
export type {
  CaseOutcome,
  CaseResult,
  Failure,
  RunListener,
  RunResult,
  RunSettings,
  TargetFacts,
} from './engine/result.ts';
export { runSuite } from './engine/run.ts';
export type { ExitCode, Verdict } from './judge/verdict.ts';
export { judge } from './judge/verdict.ts';
export { type Clause, type Clauses, loadClauses } from './load/clauses.ts';
export { type FixtureSet, type LoadOptions, loadFixtures, loadGatewayCases } from './load/load.ts';
export { FixtureError, type FixtureProblem } from './load/yaml-file.ts';
export type { Difference } from './match/diff.ts';
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
export {
  checkKnownFailures,
  type KnownFailure,
  KnownFailuresError,
  parseKnownFailures,
  readKnownFailures,
} from './plan/known-failures.ts';
export { renderJson } from './report/json.ts';
export { renderJunit } from './report/junit.ts';
export { renderMarkdown } from './report/markdown.ts';
export type { NoTargetReport, Report, ReportedClauses, RunReport, Tool } from './report/report.ts';
export type { WireEvent } from './wire/wire-log.ts';

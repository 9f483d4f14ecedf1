/** Library entry point: load cases, run them against a target, judge the run, render reports. */

export { packageRoot } from '../base/package.ts';
export { type CommandRunnerOptions, createCommandRunner } from '../runners/command/runner.ts';
export { createEmbeddedRunner, type EmbeddedRunnerOptions } from '../runners/embedded/runner.ts';
export { createImageRunner } from '../runners/image/image-runner.ts';
export type { ImageRunnerOptions } from '../runners/image/options.ts';
export { createRunner, describeTarget, type Target, targetKinds } from '../runners/kinds.ts';
export type { Address, Instance, LogLine, Runner } from '../runners/runner.ts';
export { RunnerError } from '../runners/runner.ts';
export { createSocketRunner, type SocketRunnerOptions } from '../runners/socket/runner.ts';
export type { TargetFlag, TargetKind } from '../runners/target-kind.ts';
export type { CaseHead, CaseLevel, CaseNeeds, DataCase, Step } from './case/case.ts';
export type { GatewayCase } from './case/gateway-case.ts';
export {
  checkGatewayTarget,
  type GatewayPlan,
  type GatewayTarget,
} from './check/check-gateway-target.ts';
export { checkTarget } from './check/check-target.ts';
export type { CheckContext } from './check/report-of.ts';
export { type Change, type Comparison, ComparisonError, compareReports } from './compare/compare.ts';
export { type ReportDocument, type RunDocument, readDocument } from './compare/document.ts';
export { type ReadReport, ReportFileError, readReport } from './compare/reading.ts';
export { checkGateway, type GatewayRunOptions } from './drivers/gateway/check-gateway.ts';
export { type RunOptions, runSuite } from './drivers/runtime/run-suite.ts';
export { TargetError } from './engine/options.ts';
export type {
  CaseOutcome,
  CaseResult,
  Failure,
  RunListener,
  RunResult,
  RunSettings,
  TargetFacts,
} from './engine/result.ts';
export { renderMatrixJson } from './formats/json/matrix.ts';
export { renderJson } from './formats/json/run.ts';
export { renderJunit, renderMatrixJunit } from './formats/junit/run.ts';
export { renderMatrixMarkdown } from './formats/markdown/matrix.ts';
export { renderMarkdown } from './formats/markdown/run.ts';
export { type Finding, findingsOf } from './judge/findings.ts';
export type { ExitCode, Verdict } from './judge/verdict.ts';
export { judge } from './judge/verdict.ts';
export { type Clause, type Clauses, loadClauses } from './load/clauses.ts';
export { type FixtureSet, type LoadOptions, loadFixtures, loadGatewayCases } from './load/load.ts';
export { type LoadedSuite, loadSuite } from './load/load-suite.ts';
export { FixtureError, type FixtureProblem } from './load/yaml-file.ts';
export type { Difference } from './match/diff.ts';
export {
  type Agreement,
  type CaseRow,
  type ClauseRow,
  type Implementation,
  type MatrixParts,
  type MatrixReport,
  makeMatrix,
} from './matrix/matrix.ts';
export { type MatrixListener, runTargets } from './matrix/run-targets.ts';
export { MergeError, type Sourced } from './merge/joinable.ts';
export { type MergedReport, mergeReports } from './merge/merge-reports.ts';
export { ConfigError, type Configuration, readConfig } from './plan/config-file.ts';
export {
  checkKnownFailures,
  type KnownFailure,
  KnownFailuresError,
  parseKnownFailures,
  readKnownFailures,
} from './plan/known-failures.ts';
export {
  type MatrixPlan,
  type MatrixRequest,
  makeMatrixPlan,
  type PlannedTarget,
} from './plan/matrix-plan.ts';
export { makeRunPlan, type RunPlan, type RunRequest } from './plan/run-plan.ts';
export { checkCapabilities, type Selection, selectCases } from './plan/select-cases.ts';
export type { NamedTarget } from './plan/target.ts';
export { findConfig, parseTarget } from './plan/targets.ts';
export { UsageError } from './plan/usage-error.ts';
export type { NoTargetReport, Report, ReportedClauses, RunReport, Tool } from './report/report.ts';
export { makeSite, type SiteRequest, type SiteSummary } from './site/make-site.ts';
export { SiteError } from './site/site-error.ts';
export type { WireEvent } from './wire/wire-log.ts';

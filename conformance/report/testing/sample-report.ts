import type { CaseHead } from '../../case/case.ts';
import type { CaseOutcome, CaseResult, RunResult, TargetFacts } from '../../engine/result.ts';
import { judge } from '../../judge/verdict.ts';
import type { NoTargetReport, ReportedClause, RunReport } from '../report.ts';

/** 2025-03-01T12:00:00Z */
const start = 1_740_830_400_000;

const sampleClauses: readonly ReportedClause[] = [
  { id: 'HEALTH-1', level: 'core', weight: 'MUST', text: 'HealthCheck answers gRPC OK with status "ok".' },
  {
    id: 'SESSION-2',
    level: 'core',
    weight: 'MUST',
    text: 'A call that names an unknown or closed session is answered 404, on `Invoke`, `InvokeStream` and `CloseSession`.',
  },
  { id: 'SESSION-4', level: 'core', weight: 'MUST', text: 'A closed session no longer exists.' },
  { id: 'SESSION-8', level: 'strict', weight: 'MUST', text: 'Closing a session ends its open streams.' },
  { id: 'LIMIT-1', level: 'core', weight: 'MUST', text: 'The runtime accepts a body of 1 MiB.' },
  { id: 'RESUME-1', level: 'capability:resume', weight: 'MUST', text: 'A stream can be resumed.' },
  { id: 'MCP-13', level: 'strict', weight: 'SHOULD', text: 'An unknown resource has the code -32002.' },
];

function head(id: string, clauses: readonly string[], line: number): CaseHead {
  const suite = id.split('/')[0] ?? '';
  return {
    id,
    suite,
    title: `Title of ${id}`,
    clauses,
    level: suite === 'resume' ? 'capability:resume' : 'core',
    revisions: ['2025-06-18', '2025-11-25'],
    needs: {},
    alone: false,
    deadlineMs: 20_000,
    source: { file: `fixtures/cases/${suite}.yaml`, line },
  };
}

function result(
  id: string,
  outcome: CaseOutcome,
  more: {
    readonly clauses?: readonly string[];
    readonly known?: string;
    readonly advisory?: boolean;
    readonly full?: boolean;
  } = {},
): CaseResult {
  return {
    case: {
      ...head(id, more.clauses ?? ['HEALTH-1'], 12),
      advisory: more.advisory,
    },
    outcome,
    ...(more.known === undefined ? {} : { known: { reason: more.known } }),
    startedAt: start + 500,
    durationMs: 12.34,
    wire: more.full
      ? [
          {
            at: 0.4,
            call: 'main#7',
            direction: 'sent',
            text: 'HEADERS POST /contextforge.mcp.runtime.v1.McpRuntime/Invoke',
          },
          {
            at: 0.6,
            call: 'main#7',
            direction: 'sent',
            text: 'MESSAGE McpRequest 231 {"method":"POST","path":"/mcp"}',
          },
          { at: 3.1, call: 'main#7', direction: 'received', text: 'MESSAGE McpResponse 64 {"status":200}' },
          { at: 3.2, call: 'main#7', direction: 'received', text: 'TRAILERS grpc-status 0' },
          { at: 3.3, call: 'main', direction: 'local', text: 'closed' },
        ]
      : [],
    logs: more.full
      ? [
          {
            at: start + 502,
            stream: 'stderr',
            text: '{"level":"warn","msg":"session \u001b[31mgone\u001b[0m"}',
          },
        ]
      : [],
  };
}

/** One result of every kind, with all the evidence that a failure can carry. */
export const sampleResults: readonly CaseResult[] = [
  result('health/ok', { kind: 'passed' }),
  result('health/version', { kind: 'passed' }),
  result(
    'sessions/unknown-session',
    {
      kind: 'failed',
      failure: {
        summary: 'status: expected 404, got 200',
        step: { number: 3, verb: 'invoke', file: 'fixtures/cases/sessions.yaml', line: 41 },
        request: {
          method: 'POST',
          path: '/mcp',
          sessionId: 'gone',
          body: { jsonrpc: '2.0', id: 1, method: 'ping' },
        },
        expected: { status: 404 },
        actual: { status: 200 },
        clauses: ['SESSION-2'],
        differences: [
          { path: '/status', expected: '404', actual: '200' },
          { path: '/message/error', expected: 'any value', actual: 'nothing' },
        ],
      },
    },
    { clauses: ['SESSION-2', 'SESSION-4'], full: true },
  ),
  result(
    'sessions/closing-ends-streams',
    {
      kind: 'failed',
      failure: { summary: 'the stream <main> stayed open & silent', differences: [], clauses: ['SESSION-8'] },
    },
    { clauses: ['SESSION-8'], known: 'https://example.com/issues/7' },
  ),
  result(
    'streams/after-initialize',
    {
      kind: 'blocked',
      failure: {
        summary: 'initialize did not create a session: status 500',
        step: { number: 1, verb: 'session', file: 'fixtures/cases/streams.yaml', line: 12 },
        differences: [],
        clauses: [],
      },
      by: { case: 'handshake/initialize', clause: 'INIT-1' },
    },
    { clauses: ['STREAM-1'] },
  ),
  result(
    'sessions/close-then-use',
    { kind: 'passed' },
    { clauses: ['SESSION-4'], known: 'https://example.com/issues/8' },
  ),
  result('limits/one-mebibyte', { kind: 'skipped', reason: 'needs tool echo' }, { clauses: ['LIMIT-1'] }),
  result('limits/many', { kind: 'skipped', reason: 'needs tool echo' }, { clauses: ['LIMIT-1'] }),
  result(
    'limits/inflate',
    { kind: 'broken', reason: 'the variable cursor has no value' },
    { clauses: ['LIMIT-1'] },
  ),
  result(
    'health/preferred-code',
    {
      kind: 'failed',
      failure: { summary: 'code: expected -32002, got -32602', differences: [], clauses: ['MCP-13'] },
    },
    { clauses: ['MCP-13'], advisory: true },
  ),
  result('resume/replay', { kind: 'not-declared', capability: 'resume' }, { clauses: ['RESUME-1'] }),
  result('resume/unknown-id', { kind: 'not-declared', capability: 'resume' }, { clauses: ['RESUME-1'] }),
  result('shutdown/drain', { kind: 'not-run', reason: 'stopped by --bail' }),
];

export const sampleTarget: TargetFacts = {
  label: 'image acme/runtime:1.4',
  kind: 'image',
  contract: { release: '1.1', origin: 'detected', hasSessions: true, leftOut: 0 },
  health: { status: 'ok', mode: 'full', version: '1.4.2', capabilities: ['stream-head', 'stream-post'] },
  serverInfo: { name: 'acme-runtime', version: '1.4.2' },
  revision: '2025-11-25',
  readyMs: 334.5,
};

/** Makes a report of these results, as if run with `--capability resume`. */
export function sampleReport(
  results: readonly CaseResult[] = sampleResults,
  changes: Partial<RunResult> = {},
): RunReport {
  const run: RunResult = {
    settings: { level: 'strict', capabilities: ['resume'], narrowed: false, failOnSkip: false },
    target: sampleTarget,
    results,
    startedAt: start,
    durationMs: 2_140,
    ...changes,
  };
  return {
    kind: 'run',
    tool: { name: 'mcp-runtime-conformance', version: '0.1.0' },
    run,
    verdict: judge(run),
    clauses: new Map(sampleClauses.map((clause) => [clause.id, clause])),
    rerun: (id) =>
      `mcp-runtime-conformance --image acme/runtime:1.4${id === undefined ? '' : ` --case ${id}`}`,
  };
}

/** Makes a green report. */
export function greenReport(): RunReport {
  return sampleReport(sampleResults.slice(0, 2), {
    settings: { level: 'strict', capabilities: [], narrowed: false, failOnSkip: false },
  });
}

/** Makes a failure that exceeds every limit of a report. */
export function hugeFailure(clause = 'LIMIT-1'): CaseResult {
  const text = 'x'.repeat(4 * 1024 * 1024);
  const difference = { path: text, expected: `${text}a`, actual: `${text}b` };
  return {
    ...result('limits/huge', {
      kind: 'failed',
      failure: { summary: text, differences: [], clauses: ['LIMIT-1'] },
    }),
    outcome: {
      kind: 'failed',
      failure: {
        summary: text,
        request: { body: text, items: Array.from({ length: 10_000 }, (_, index) => ({ index, text })) },
        expected: text,
        actual: text,
        clauses: [clause],
        differences: Array.from({ length: 1_000 }, () => difference),
      },
    },
    wire: Array.from({ length: 5_000 }, (_, at) => ({
      at,
      call: 'main#1',
      direction: 'received' as const,
      text,
    })),
    logs: Array.from({ length: 5_000 }, (_, at) => ({ at: start + at, stream: 'stdout' as const, text })),
  };
}

export function noTargetReport(): NoTargetReport {
  return {
    kind: 'no-target',
    tool: { name: 'mcp-runtime-conformance', version: '0.1.0' },
    target: { label: 'image busybox:1', kind: 'image' },
    settings: { level: 'strict', capabilities: [], narrowed: false, failOnSkip: false },
    startedAt: start,
    durationMs: 30_012,
    error: {
      code: 'not-listening',
      message: 'The container runs, but nothing listened on its socket within 30 s.',
      advice: 'Bind the path in MCP_RUNTIME_GRPC_UDS, or raise --ready-timeout.',
      logs: [{ at: start + 120, stream: 'stderr', text: 'starting' }],
    },
  };
}

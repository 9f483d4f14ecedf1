import type { CaseResult } from '../../engine/result.ts';
import {
  greenReport,
  noTargetReport,
  sampleReport,
  sampleResults,
  sampleTarget,
} from '../../report/testing/sample-report.ts';
import type { WireEvent } from '../../wire/wire-log.ts';
import { type MatrixReport, makeMatrix } from '../matrix.ts';

const sampleSettings = { level: 'strict', capabilities: [], narrowed: false, failOnSkip: false } as const;

const answered404: readonly WireEvent[] = [
  { at: 0.4, call: 'main#1', direction: 'received', text: 'MESSAGE McpResponse 200 {"earlier":true}' },
  { at: 1.4, call: 'main#7', direction: 'sent', text: 'MESSAGE McpRequest 231 {}' },
  {
    at: 2.1,
    call: 'main#7',
    direction: 'received',
    text: 'HEADERS :status 200 content-type application/grpc+proto',
  },
  { at: 2.2, call: 'main#7', direction: 'received', text: 'MESSAGE McpResponse 404 {"error":"gone"}' },
  { at: 3.2, call: 'main#8', direction: 'received', text: 'MESSAGE McpResponse 200 {"later":true}' },
];

/** Makes a matrix of two implementations that disagree in one of two cases, and one that could not be tested. */
export function sampleMatrix(): MatrixReport {
  const health = sampleResults.find((result) => result.case.id === 'health/ok');
  const unknown = sampleResults.find((result) => result.case.id === 'sessions/unknown-session');
  if (health === undefined || unknown === undefined)
    throw new Error('the sample results lack health/ok or sessions/unknown-session');
  const wire: WireEvent = { at: 0, call: 'main#1', direction: 'sent', text: 'HEADERS' };
  const well: CaseResult = { ...health, wire: [wire] };
  const passed: CaseResult = { ...unknown, outcome: { kind: 'passed' }, wire: answered404, logs: [] };
  const { tool, clauses } = greenReport();
  return makeMatrix({
    tool,
    level: 'strict',
    startedAt: 1_740_830_400_000,
    durationMs: 5_120,
    clauses,
    implementations: [
      { name: 'ts', report: sampleReport([well, passed], { settings: sampleSettings }) },
      {
        name: 'go',
        report: sampleReport([well, unknown], {
          settings: sampleSettings,
          target: { ...sampleTarget, label: 'command ./runtime' },
        }),
      },
      { name: 'rust', report: noTargetReport() },
    ],
  });
}

/** Makes a matrix of two conformant implementations. */
export function greenMatrix(): MatrixReport {
  const { tool, clauses } = greenReport();
  return makeMatrix({
    tool,
    level: 'strict',
    startedAt: 1_740_830_400_000,
    durationMs: 4_300,
    clauses,
    implementations: ['ts', 'go'].map((name) => ({ name, report: greenReport() })),
  });
}

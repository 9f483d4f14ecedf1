import { cut, oneLine, visible } from '../../text/text.ts';
import { attributes, escapeText } from './xml.ts';

/** Renders suites as a JUnit file. */
export function renderSuites(
  suites: readonly JunitSuite[],
  { name, durationMs }: { readonly name: string; readonly durationMs: number },
): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${attributes({ name, ...sum(suites), time: seconds(durationMs) })}>`,
    ...suites.flatMap(suiteLines),
    '</testsuites>',
    '',
  ].join('\n');
}

/** A `testsuite` element. */
export interface JunitSuite {
  readonly name: string;
  readonly timeMs: number;
  readonly startedAt: number;
  /** Facts about the run, by name. */
  readonly properties?: Readonly<Record<string, string>>;
  readonly cases: readonly TestCase[];
}

/** A `testcase` element. Without `outcome`, the test passed. Times are in milliseconds. */
export interface TestCase {
  readonly name: string;
  readonly file?: string;
  readonly line?: number;
  readonly timeMs: number;
  readonly outcome?: {
    readonly element: 'failure' | 'error' | 'skipped';
    readonly type: string;
    readonly message: string;
    readonly text?: string;
  };
}

function suiteLines(suite: JunitSuite): readonly string[] {
  const { name, timeMs, startedAt, properties = {}, cases } = suite;
  const timestamp = new Date(startedAt).toISOString();
  const head = attributes({ name, ...sum([suite]), time: seconds(timeMs), timestamp });
  const facts = Object.entries(properties).map(
    ([key, value]) => `      <property ${attributes({ name: key, value: oneLine(value) })}/>`,
  );
  return [
    `  <testsuite ${head}>`,
    ...(facts.length === 0 ? [] : ['    <properties>', ...facts, '    </properties>']),
    ...cases.flatMap((test) => caseLines(name, test)),
    '  </testsuite>',
  ];
}

function caseLines(suite: string, { name, file, line, timeMs, outcome }: TestCase): readonly string[] {
  const head = attributes({ classname: suite, name: oneLine(name), time: seconds(timeMs), file, line });
  if (outcome === undefined) return [`    <testcase ${head}/>`];
  const { element, type, message, text } = outcome;
  const inner = attributes({
    type: element === 'skipped' ? undefined : type,
    message: visible(cut(message, 600)),
  });
  const end = text === undefined ? '/>' : `>${escapeText(visible(text))}</${element}>`;
  return [`    <testcase ${head}>`, `      <${element} ${inner}${end}`, '    </testcase>'];
}

function sum(suites: readonly JunitSuite[]) {
  const cases = suites.flatMap((suite) => suite.cases);
  const of = (element: string): number => cases.filter((test) => test.outcome?.element === element).length;
  return { tests: cases.length, failures: of('failure'), errors: of('error'), skipped: of('skipped') };
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1_000).toFixed(3);
}

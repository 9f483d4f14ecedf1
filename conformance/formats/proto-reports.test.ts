import { describe, expect, test } from 'vitest';
import type { ExplainedBreak } from '../proto-check/proto-check.ts';
import { judgeProto, type ProtoReport, type TouchedImplementation } from '../proto-check/report.ts';
import { protoLines } from '../proto-check/terminal.ts';
import type { VectorResult } from '../proto-check/vectors.ts';
import { makePalette } from '../report/palette.ts';
import { renderProtoJson } from './json/proto.ts';
import { renderProtoJunit } from './junit/proto.ts';
import { renderProtoMarkdown } from './markdown/proto.ts';

const differing: VectorResult = {
  name: 'request-full',
  message: 'p.McpRequest',
  outcome: 'wire',
  detail: 'only the old module reads field 2',
};

const onWire: ExplainedBreak = {
  file: 'proto/a.proto',
  line: 29,
  column: 1,
  rule: 'FIELD_NO_DELETE',
  rules: ['FIELD_NO_DELETE', 'FIELD_SAME_NAME'],
  message: 'Previously present field "2" with name "path" on message "McpRequest" was deleted.',
  layer: 'wire',
  element: { kind: 'field', message: 'McpRequest', name: 'path' },
  name: 'McpRequest.path',
  clauses: ['RPC-6', 'RPC-8'],
  vectors: [differing],
  translation: undefined,
};

const inJson: ExplainedBreak = {
  ...onWire,
  line: 40,
  rule: 'FILE_OPTION',
  rules: ['FILE_OPTION'],
  message: 'Option <x> changed & is other.',
  layer: 'json',
  element: { kind: 'other' },
  name: '',
  clauses: [],
  vectors: [],
};

const callers: readonly TouchedImplementation[] = [
  {
    name: 'one',
    touch: {
      kind: 'cases',
      of: 314,
      cases: ['calls/a', 'calls/b'],
      clauses: ['RPC-6'],
      reasons: ['/status: expected 404, got 200', 'blocked by RPC-6 (calls/a)'],
    },
  },
  { name: 'two', touch: { kind: 'cases', of: 1, cases: [], clauses: [], reasons: [] } },
  { name: 'three', touch: { kind: 'unreachable', reason: 'it is not ready within 5 s' } },
  { name: 'four', touch: { kind: 'unknown', reason: 'the run was interrupted' } },
];

function reportOf(more: Partial<ProtoReport>): ProtoReport {
  const report: Omit<ProtoReport, 'verdict'> = {
    kind: 'proto-check' as const,
    tool: { name: 'kit', version: '1.2.3' } as ProtoReport['tool'],
    durationMs: 1234.5,
    check: {
      module: 'proto',
      against: 'main (0123abcd4)',
      lint: [],
      added: ['RPC ListSessions'],
      breaks: [],
      vectors: [{ name: 'close', message: 'p.CloseSession', outcome: 'same', detail: '' }],
      translation: undefined,
    },
    breaks: [],
    touched: [],
    matrix: undefined,
    ...more,
  };
  return { ...report, verdict: judgeProto(report) };
}

const compatible = reportOf({});
const broken = reportOf({
  check: {
    ...compatible.check,
    added: [],
    lint: [
      {
        file: 'proto/a.proto',
        line: 46,
        column: 3,
        rule: 'FIELD_LOWER_SNAKE_CASE',
        message: 'Field "Tenant"',
      },
    ],
    breaks: [onWire, inJson],
    vectors: [
      ...compatible.check.vectors,
      differing,
      { name: 'response', message: 'p.McpResponse', outcome: 'json', detail: 'in JSON, field headers' },
    ],
  },
  breaks: [
    { found: onWire, implementations: callers },
    { found: inJson, implementations: [] },
  ],
  touched: callers,
});

const style = { palette: makePalette(false), width: 80 };

describe('the terminal report', () => {
  test('is short for a compatible change', () => {
    expect(protoLines(compatible, style).join('\n')).toMatchInlineSnapshot(`
      "
        ok    lint      0 findings
        ok    breaking  0 on the wire, 0 only in JSON
        ok    vectors   1 of 1 read and written identically
        -     suite     not run

      added (compatible)
        RPC ListSessions

      compatible: no lint findings, no breaking changes, 1 vector read identically;
      suite not run
      took 1.23 s"
    `);
  });

  test('shows every problem of an incompatible change', () => {
    expect(protoLines(broken, style).join('\n')).toMatchInlineSnapshot(`
      "
        FAIL  lint      1 finding
        FAIL  breaking  1 on the wire, 1 only in JSON
        FAIL  vectors   1 of 3 read and written identically
        -     suite     not run
        FAIL  callers   one: callers of the changed module fail 2 of 314 cases (RPC-6)
        ok    callers   two: callers of the changed module pass all cases (1)
        FAIL  callers   three: callers of the changed module cannot reach it: it is not ready within 5 s
        stop  callers   four: the run was interrupted

      LINT proto/a.proto:46:3
        Field "Tenant"
        FIELD_LOWER_SNAKE_CASE

      WIRE proto/a.proto:29:1  McpRequest.path
        Previously present field "2" with name "path" on message "McpRequest" was deleted.
        FIELD_NO_DELETE, FIELD_SAME_NAME
        clauses   RPC-6, RPC-8
        vectors   request-full: only the old module reads field 2
        one       callers of the changed module fail 2 of 314 cases (RPC-6)
        two       callers of the changed module pass all cases (1)
        three     callers of the changed module cannot reach it: it is not ready
                  within 5 s
        four      the run was interrupted

      JSON proto/a.proto:40:1
        Option <x> changed & is other.
        FILE_OPTION

      VECTOR response (json)
        in JSON, field headers

      not compatible: 1 breaking change on the wire; 1 breaking change in JSON; 2 of 3
      vectors read differently; 1 lint finding; callers fail 2 of 314 cases on one;
      callers cannot reach three; four: the run was interrupted
      took 1.23 s"
    `);
  });

  test('gives the reason that there is no verdict', () => {
    const undecided = reportOf({ touched: callers.slice(3) });
    expect(protoLines(undecided, style).join('\n')).toMatchInlineSnapshot(`
      "
        ok    lint      0 findings
        ok    breaking  0 on the wire, 0 only in JSON
        ok    vectors   1 of 1 read and written identically
        -     suite     not run
        stop  callers   four: the run was interrupted

      added (compatible)
        RPC ListSessions

      no verdict: four: the run was interrupted
      took 1.23 s"
    `);
  });
});

test('renders JSON', () => {
  expect(renderProtoJson(broken)).toMatchInlineSnapshot(`
    "{
      "schemaVersion": "1.2",
      "kind": "proto-check",
      "tool": {
        "name": "kit",
        "version": "1.2.3"
      },
      "durationMs": 1235,
      "module": "proto",
      "against": "main (0123abcd4)",
      "verdict": {
        "exitCode": 1,
        "sentence": "not compatible: 1 breaking change on the wire; 1 breaking change in JSON; 2 of 3 vectors read differently; 1 lint finding; callers fail 2 of 314 cases on one; callers cannot reach three; four: the run was interrupted"
      },
      "lint": [
        {
          "file": "proto/a.proto",
          "line": 46,
          "column": 3,
          "rule": "FIELD_LOWER_SNAKE_CASE",
          "message": "Field \\"Tenant\\""
        }
      ],
      "added": [],
      "breaks": [
        {
          "layer": "wire",
          "file": "proto/a.proto",
          "line": 29,
          "column": 1,
          "element": "McpRequest.path",
          "rules": [
            "FIELD_NO_DELETE",
            "FIELD_SAME_NAME"
          ],
          "message": "Previously present field \\"2\\" with name \\"path\\" on message \\"McpRequest\\" was deleted.",
          "clauses": [
            "RPC-6",
            "RPC-8"
          ],
          "vectors": [
            "request-full"
          ],
          "implementations": [
            {
              "name": "one",
              "kind": "cases",
              "of": 314,
              "cases": [
                "calls/a",
                "calls/b"
              ],
              "clauses": [
                "RPC-6"
              ],
              "reasons": [
                "/status: expected 404, got 200",
                "blocked by RPC-6 (calls/a)"
              ]
            },
            {
              "name": "two",
              "kind": "cases",
              "of": 1,
              "cases": [],
              "clauses": [],
              "reasons": []
            },
            {
              "name": "three",
              "kind": "unreachable",
              "reason": "it is not ready within 5 s"
            },
            {
              "name": "four",
              "kind": "unknown",
              "reason": "the run was interrupted"
            }
          ]
        },
        {
          "layer": "json",
          "file": "proto/a.proto",
          "line": 40,
          "column": 1,
          "element": "",
          "rules": [
            "FILE_OPTION"
          ],
          "message": "Option <x> changed & is other.",
          "clauses": [],
          "vectors": [],
          "implementations": []
        }
      ],
      "vectors": [
        {
          "name": "close",
          "message": "p.CloseSession",
          "outcome": "same",
          "detail": ""
        },
        {
          "name": "request-full",
          "message": "p.McpRequest",
          "outcome": "wire",
          "detail": "only the old module reads field 2"
        },
        {
          "name": "response",
          "message": "p.McpResponse",
          "outcome": "json",
          "detail": "in JSON, field headers"
        }
      ],
      "touched": [
        {
          "name": "one",
          "kind": "cases",
          "of": 314,
          "cases": [
            "calls/a",
            "calls/b"
          ],
          "clauses": [
            "RPC-6"
          ],
          "reasons": [
            "/status: expected 404, got 200",
            "blocked by RPC-6 (calls/a)"
          ]
        },
        {
          "name": "two",
          "kind": "cases",
          "of": 1,
          "cases": [],
          "clauses": [],
          "reasons": []
        },
        {
          "name": "three",
          "kind": "unreachable",
          "reason": "it is not ready within 5 s"
        },
        {
          "name": "four",
          "kind": "unknown",
          "reason": "the run was interrupted"
        }
      ]
    }
    "
  `);
});

test('renders JUnit XML', () => {
  const timeless = (report: ProtoReport) =>
    renderProtoJunit(report).replaceAll(/timestamp="[^"]*"/g, 'timestamp="…"');
  expect(timeless(compatible)).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="kit proto check" tests="3" failures="0" errors="0" skipped="0" time="1.234">
      <testsuite name="proto lint" tests="1" failures="0" errors="0" skipped="0" time="0.000" timestamp="…">
        <testcase classname="proto lint" name="lint" time="0.000"/>
      </testsuite>
      <testsuite name="proto breaking" tests="1" failures="0" errors="0" skipped="0" time="0.000" timestamp="…">
        <testcase classname="proto breaking" name="breaking" time="0.000"/>
      </testsuite>
      <testsuite name="proto vectors" tests="1" failures="0" errors="0" skipped="0" time="0.000" timestamp="…">
        <testcase classname="proto vectors" name="close" time="0.000"/>
      </testsuite>
    </testsuites>
    "
  `);
  expect(timeless(broken)).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="kit proto check" tests="10" failures="8" errors="0" skipped="0" time="1.234">
      <testsuite name="proto lint" tests="1" failures="1" errors="0" skipped="0" time="0.000" timestamp="…">
        <testcase classname="proto lint" name="proto/a.proto:46 FIELD_LOWER_SNAKE_CASE" time="0.000" file="proto/a.proto" line="46">
          <failure type="FIELD_LOWER_SNAKE_CASE" message="Field &quot;Tenant&quot;"/>
        </testcase>
      </testsuite>
      <testsuite name="proto breaking" tests="2" failures="2" errors="0" skipped="0" time="0.000" timestamp="…">
        <testcase classname="proto breaking" name="wire McpRequest.path" time="0.000" file="proto/a.proto" line="29">
          <failure type="FIELD_NO_DELETE" message="Previously present field &quot;2&quot; with name &quot;path&quot; on message &quot;McpRequest&quot; was deleted."/>
        </testcase>
        <testcase classname="proto breaking" name="json FILE_OPTION" time="0.000" file="proto/a.proto" line="40">
          <failure type="FILE_OPTION" message="Option &lt;x&gt; changed &amp; is other."/>
        </testcase>
      </testsuite>
      <testsuite name="proto vectors" tests="3" failures="2" errors="0" skipped="0" time="0.000" timestamp="…">
        <testcase classname="proto vectors" name="close" time="0.000"/>
        <testcase classname="proto vectors" name="request-full" time="0.000">
          <failure type="wire" message="only the old module reads field 2"/>
        </testcase>
        <testcase classname="proto vectors" name="response" time="0.000">
          <failure type="json" message="in JSON, field headers"/>
        </testcase>
      </testsuite>
      <testsuite name="proto callers" tests="4" failures="3" errors="0" skipped="0" time="0.000" timestamp="…">
        <testcase classname="proto callers" name="one" time="0.000">
          <failure type="callers" message="callers of the changed module fail 2 of 314 cases (RPC-6)"/>
        </testcase>
        <testcase classname="proto callers" name="two" time="0.000"/>
        <testcase classname="proto callers" name="three" time="0.000">
          <failure type="callers" message="callers of the changed module cannot reach it: it is not ready within 5 s"/>
        </testcase>
        <testcase classname="proto callers" name="four" time="0.000">
          <failure type="callers" message="the run was interrupted"/>
        </testcase>
      </testsuite>
    </testsuites>
    "
  `);
});

test('renders Markdown', () => {
  expect(renderProtoMarkdown(compatible)).toMatchInlineSnapshot(`
    "# Change to the proto module

    ✅ **compatible: no lint findings, no breaking changes, 1 vector read identically; suite not run**

    proto against main (0123abcd4)

    |  | Check | Outcome |
    | --- | --- | --- |
    | ✅ | lint | 0 findings |
    | ✅ | breaking | 0 on the wire, 0 only in JSON |
    | ✅ | vectors | 1 of 1 read and written identically |
    | ➖ | suite | not run |

    ## Added (compatible)

    - RPC ListSessions

    1.23 s, kit 1.2.3
    "
  `);
  expect(renderProtoMarkdown(broken)).toMatchInlineSnapshot(`
    "# Change to the proto module

    ❌ **not compatible: 1 breaking change on the wire; 1 breaking change in JSON; 2 of 3 vectors read differently; 1 lint finding; callers fail 2 of 314 cases on one; callers cannot reach three; four: the run was interrupted**

    proto against main (0123abcd4)

    |  | Check | Outcome |
    | --- | --- | --- |
    | ❌ | lint | 1 finding |
    | ❌ | breaking | 1 on the wire, 1 only in JSON |
    | ❌ | vectors | 1 of 3 read and written identically |
    | ➖ | suite | not run |
    | ❌ | callers | one: callers of the changed module fail 2 of 314 cases (RPC-6) |
    | ✅ | callers | two: callers of the changed module pass all cases (1) |
    | ❌ | callers | three: callers of the changed module cannot reach it: it is not ready within 5 s |
    | ❌ | callers | four: the run was interrupted |

    ## On the wire: McpRequest.path

    \`proto/a.proto:29:1\` Previously present field "2" with name "path" on message "McpRequest" was deleted. (FIELD\\_NO\\_DELETE, FIELD\\_SAME\\_NAME)

    - clauses that name it: RPC-6, RPC-8
    - vectors: \`request-full\`: only the old module reads field 2
    - one: callers of the changed module fail 2 of 314 cases (RPC-6)
    - two: callers of the changed module pass all cases (1)
    - three: callers of the changed module cannot reach it: it is not ready within 5 s
    - four: the run was interrupted

    ## In JSON: FILE\\_OPTION

    \`proto/a.proto:40:1\` Option \\<x\\> changed \\& is other. (FILE\\_OPTION)


    ## Lint

    - \`proto/a.proto:46\` Field "Tenant" (FIELD\\_LOWER\\_SNAKE\\_CASE)

    ## Vectors read differently

    - \`request-full\` (wire): only the old module reads field 2
    - \`response\` (json): in JSON, field headers

    1.23 s, kit 1.2.3
    "
  `);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../base/package.ts';
import { matrixLines, quietMatrixLines } from '../matrix/terminal.ts';
import { greenMatrix, sampleMatrix } from '../matrix/testing/sample-matrix.ts';
import { makePalette } from '../report/palette.ts';
import { renderMatrixJson } from './json/matrix.ts';
import { renderMatrixJunit } from './junit/run.ts';
import { renderMatrixMarkdown } from './markdown/matrix.ts';

const style = { palette: makePalette(false), width: 100, verbose: false };

describe('the terminal report', () => {
  test('is short if all implementations are conformant', () => {
    expect(matrixLines(greenMatrix(), style).join('\n')).toMatchInlineSnapshot(`
      "
        ts
          target             image acme/runtime:1.4
          server             acme-runtime 1.4.2
          contract           1.1
          ready after        0.33 s
          start to verdict   2.14 s
          outcome            2 of 2 passed

        go
          target             image acme/runtime:1.4
          server             acme-runtime 1.4.2
          contract           1.1
          ready after        0.33 s
          start to verdict   2.14 s
          outcome            2 of 2 passed

        clauses held   ts   go
        HEALTH         1    1

      2 of 2 implementations are conformant at strict: 2 cases, 1 clause
      took 4.30 s"
    `);
  });

  test('is the verdict alone if it is quiet and all implementations are conformant', () => {
    const matrix = greenMatrix();
    expect(quietMatrixLines(matrix, style)).toEqual([matrix.verdict.sentence]);
  });

  test('names what is not conformant if it is quiet', () => {
    expect(quietMatrixLines(sampleMatrix(), style).join('\n')).toMatchInlineSnapshot(`
      "go: not conformant at strict: 1 of 2 cases failed
      rust could not be tested
        The container runs, but nothing listened on its socket within 30 s.
        Bind the path in MCP_RUNTIME_GRPC_UDS, or raise --ready-timeout.

        target log
             120.0 ms  stderr  starting

        case                       clause      ts       go       rust
        sessions/unknown-session   SESSION-2   passed   failed   not tested

      go fails at strict; no verdict on rust; 1 of 3 implementations are conformant at strict; they disagree on 1 case"
    `);
  });

  test('shows a disagreement in full', () => {
    expect(matrixLines(sampleMatrix(), style).join('\n')).toMatchInlineSnapshot(`
      "
        ts
          target             image acme/runtime:1.4
          server             acme-runtime 1.4.2
          contract           1.1
          ready after        0.33 s
          start to verdict   2.14 s
          outcome            2 of 2 passed

        go
          target             command ./runtime
          server             acme-runtime 1.4.2
          contract           1.1
          ready after        0.33 s
          start to verdict   2.14 s
          outcome            1 of 2 passed

        rust
          target             image busybox:1
          start to verdict   30.0 s
          outcome            could not be tested

        clauses held   ts   go       rust
        HEALTH         1    1        not tested
        SESSION        2    0 of 2   not tested

      clauses not held by all
        clause      level   weight   ts     go         rust
        SESSION-2   core    MUST     held   violated   not tested

      cases not passed by all
        case                       clause      ts       go       rust
        sessions/unknown-session   SESSION-2   passed   failed   not tested

      DISAGREE sessions/unknown-session
        Title of sessions/unknown-session

        SESSION-2 · core · MUST
          A call that names an unknown or closed session is answered 404, on \`Invoke\`, \`InvokeStream\` and
          \`CloseSession\`.
        also SESSION-4 · core · MUST

        ts     passed
        go     failed: status: expected 404, got 200
               step 3, invoke (fixtures/cases/sessions.yaml:41)
        rust   not tested: The container runs, but nothing listened on its socket within 30 s.

        difference       expected    ts            go
        /status          404         as expected   200
        /message/error   any value   as expected   nothing

        received
          ts     ← MESSAGE McpResponse 404 {"error":"gone"}
          go     ← MESSAGE McpResponse 64 {"status":200}
                 ← TRAILERS grpc-status 0
          rust   ← (no data)

        request
          {
            "method": "POST",
            "path": "/mcp",
            "sessionId": "gone",
            "body": {
              "jsonrpc": "2.0",
              "id": 1,
              "method": "ping"
            }
          }

        log of go
               2.0 ms  stderr  {"level":"warn","msg":"session gone"}

        run again
          mcp-runtime-conformance --image acme/runtime:1.4 --case sessions/unknown-session

      rust could not be tested
        The container runs, but nothing listened on its socket within 30 s.
        Bind the path in MCP_RUNTIME_GRPC_UDS, or raise --ready-timeout.

        target log
             120.0 ms  stderr  starting

      go fails at strict; no verdict on rust; 1 of 3 implementations are conformant at strict; they
      disagree on 1 case
      took 5.12 s"
    `);
  });

  test('keeps columns aligned when colours are on', () => {
    const colours = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');
    const coloured = matrixLines(sampleMatrix(), { ...style, palette: makePalette(true) }).join('\n');
    expect(coloured).not.toBe(coloured.replace(colours, ''));
    expect(coloured.replace(colours, '')).toBe(matrixLines(sampleMatrix(), style).join('\n'));
  });

  test('lists every clause and every case with --verbose', () => {
    const text = matrixLines(greenMatrix(), { ...style, verbose: true }).join('\n');
    expect(text).toMatch(/\nall clauses\n.*\n {2}HEALTH-1 +core +MUST +held +held\n/);
    expect(text).toMatch(/\nall cases\n.*\n {2}health\/ok +HEALTH-1 +passed +passed\n/);
  });
});

describe('the JSON report', () => {
  const schemas = ['report', 'matrix'].map((name): object =>
    JSON.parse(readFileSync(join(packageRoot(), `conformance/schemas/${name}.v1.schema.json`), 'utf8')),
  );

  test.each([sampleMatrix(), greenMatrix()])('conforms to its schema: $verdict.sentence', (matrix) => {
    const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false });
    addFormats.default(ajv);
    for (const schema of schemas) ajv.addSchema(schema);
    const validate = ajv.getSchema('urn:mcp-runtime-conformance:matrix:1');
    const document: unknown = JSON.parse(renderMatrixJson(matrix));
    expect(validate?.(document), JSON.stringify(validate?.errors)).toBe(true);
    expect(validate?.({ ...Object(document), implementations: [{ name: 'x' }] })).toBe(false);
    expect(validate?.({ ...Object(document), kind: 'run' })).toBe(false);
  });

  test('gives each implementation its response', () => {
    const document = JSON.parse(renderMatrixJson(sampleMatrix()));
    expect(document.cases[1]).toEqual({
      id: 'sessions/unknown-session',
      clauses: ['SESSION-2', 'SESSION-4'],
      eras: ['legacy'],
      agreement: 'disagreement',
      standings: { ts: 'passed', go: 'failed' },
    });
    expect(document.disagreements[0].differences[0]).toEqual({
      path: '/status',
      expected: '404',
      actual: { go: '200' },
    });
    expect(document.implementations[2].report.error.code).toBe('not-listening');
  });
});

test('prefixes JUnit suites with the implementation, and reports an error for an untested implementation', () => {
  const xml = renderMatrixJunit(sampleMatrix());
  expect(xml).toContain(
    '<testsuites name="mcp-runtime-conformance matrix" tests="5" failures="1" errors="1"',
  );
  expect([...xml.matchAll(/<testsuite name="([^"]*)"/g)].map(([, name]) => name)).toEqual([
    'ts · health',
    'ts · sessions',
    'go · health',
    'go · sessions',
    'rust · target',
  ]);
});

test('shows responses side by side in Markdown', () => {
  const text = renderMatrixMarkdown(sampleMatrix());
  expect(text).toContain('❌ **go fails at strict; no verdict on rust; 1 of 3 implementations');
  expect(text).toContain('### `sessions/unknown-session`: they disagree\n');
  expect(text).toContain('| `/status`<br>expected `404` | as expected | `200` |  |');
  expect(text).toContain(
    '| received | `MESSAGE McpResponse 404 {"error":"gone"}` | `MESSAGE McpResponse 64 {"status":200}`',
  );
  expect(text).toContain('## rust could not be tested');
  expect(renderMatrixMarkdown(greenMatrix())).not.toContain('side by side');
});

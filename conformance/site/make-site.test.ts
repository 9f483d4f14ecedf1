import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CaseResult, RunResult } from '../engine/result.ts';
import { matrixDocument } from '../formats/json/matrix.ts';
import { jsonText, renderJson } from '../formats/json/run.ts';
import { makeMatrix } from '../matrix/matrix.ts';
import type { Report } from '../report/report.ts';
import {
  noTargetReport,
  sampleReport,
  sampleResults,
  sampleTarget,
} from '../report/testing/sample-report.ts';
import { makeSite } from './make-site.ts';
import { markerFile } from './site-folder.ts';

let folder: string;
let reports: string;
let site: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'site-'));
  reports = join(folder, 'reports');
  site = join(folder, 'site');
  await mkdir(join(reports, 'inner'), { recursive: true });
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const settings = { level: 'strict', capabilities: [], narrowed: false, failOnSkip: false } as const;
const passing = sampleResults.map(
  ({ known: _, ...result }): CaseResult => ({
    ...result,
    case: { ...result.case, advisory: undefined },
    outcome: { kind: 'passed' },
    wire: [],
    logs: [],
  }),
);
const eras = { checked: ['legacy'], origin: 'declared', leftOut: 0 } as const;

interface Sample extends Partial<Pick<RunResult, 'settings'>> {
  readonly day: number;
  readonly results?: readonly CaseResult[];
  readonly kit?: string;
  readonly label?: string;
  readonly server?: { readonly name: string; readonly version: string };
}

/** Makes a report of a run on a day of March 2025. */
function run({
  day,
  results = passing,
  kit = '0.1.0',
  label = 'command ./runtime',
  server,
  ...changes
}: Sample): Report {
  const startedAt = Date.UTC(2025, 2, day, 12);
  const target = {
    ...sampleTarget,
    eras,
    label,
    kind: label.split(' ')[0] ?? '',
    ...(server && { serverInfo: server }),
  };
  const report = sampleReport(results, { settings, target, startedAt, ...changes });
  return { ...report, tool: { ...report.tool, version: kit } };
}

const failing = (count: number): readonly CaseResult[] =>
  passing.map((result, place) =>
    place < count
      ? {
          ...result,
          outcome: {
            kind: 'failed',
            failure: { summary: 'it differs', differences: [], clauses: [result.case.clauses[0] ?? ''] },
          },
        }
      : result,
  );

const add = (file: string, report: Report) => writeFile(join(reports, file), renderJson(report));

async function make(baseUrl?: string): Promise<readonly string[]> {
  const skipped: string[] = [];
  await makeSite({
    from: reports,
    to: site,
    ...(baseUrl !== undefined && { baseUrl: new URL(baseUrl) }),
    onSkip: (line) => skipped.push(line),
  });
  return skipped;
}

/** Returns all files of the site by path, without the marker. */
async function files(): Promise<ReadonlyMap<string, string>> {
  const paths = (await readdir(site, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && entry.name !== markerFile)
    .map((entry) => join(entry.parentPath, entry.name).slice(site.length + 1))
    .sort();
  return new Map(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(site, path), 'utf8')] as const)),
  );
}

const page = (path: string) => readFile(join(site, path), 'utf8');

test('writes pages, badges and a feed for each implementation', async () => {
  await add('1.json', run({ day: 1, results: failing(2) }));
  await add('inner/2.json', run({ day: 8 }));
  const implementations = [
    { name: 'go', report: run({ day: 9, label: 'image go:1' }) },
    { name: 'rust', report: { ...noTargetReport(), startedAt: Date.UTC(2025, 2, 9, 12) } },
  ];
  const { tool, clauses } = sampleReport();
  const matrix = makeMatrix({ tool, clauses, level: 'strict', startedAt: 0, durationMs: 1, implementations });
  await writeFile(join(reports, 'm.json'), jsonText(matrixDocument(matrix)));
  expect(await make()).toEqual([]);

  const paths = [...(await files()).keys()].map((path) =>
    path.replace(/z-[0-9a-f]{12}/, 'z-HASH').replace(/-[0-9a-f]{16}/, '-HASH'),
  );
  const own = (name: string) => [
    `${name}/badge-legacy.json`,
    `${name}/badge-legacy.svg`,
    `${name}/badge.json`,
    `${name}/badge.svg`,
    `${name}/index.html`,
  ];
  expect(paths).toEqual(
    [
      ...own('command-runtime-HASH'),
      'command-runtime-HASH/runs/20250301t120000z-HASH.html',
      'command-runtime-HASH/runs/20250308t120000z-HASH.html',
      ...own('go'),
      'go/runs/20250309t120000z-HASH.html',
      'rust/badge.json',
      'rust/badge.svg',
      'rust/index.html',
      'rust/runs/20250309t120000z-HASH.html',
      'feed.xml',
      'history.html',
      'index.html',
    ].sort(),
  );
  const index = await page('index.html');
  expect(index).toContain('2 of 3 implementations are conformant in the latest run. The site has 4 runs.');
  expect(index).toContain('13 of 13');
  const slug =
    paths.find((path) => path.startsWith('command')) && [...(await files()).keys()][0]?.split('/')[0];
  const implementation = await page(`${slug}/index.html`);
  expect(implementation).toContain('<summary>2 cases newly passing</summary>');
  expect(implementation).toContain('aria-label="Cases passed in 2 runs: from 11 of 13 to 13 of 13"');
  expect(JSON.parse(await page('go/badge.json'))).toEqual({
    schemaVersion: 1,
    label: 'MCP runtime',
    message: 'conformant at strict',
    color: 'brightgreen',
  });
  expect(JSON.parse(await page('rust/badge.json'))).toMatchObject({
    message: 'not tested',
    color: 'lightgrey',
  });
  expect(JSON.parse(await page('go/badge-legacy.json')).message).toMatch(/^(\d+) of \1 clauses$/);
});

test('marks a change of the kit, and does not count its cases as changes of the target', async () => {
  await add('1.json', run({ day: 1, results: passing.slice(2) }));
  await add('2.json', run({ day: 2, kit: '0.2.0' }));
  await add('3.json', run({ day: 3, kit: '0.2.0', results: passing.slice(1) }));
  await make();
  const history = await page('history.html');
  expect(history.match(/<li>\n<div>/g)).toHaveLength(1);
  const [slug] = (await readdir(site)).filter((name) => name.startsWith('command'));
  const implementation = await page(`${slug}/index.html`);
  expect(implementation).toContain('<span class="basis-note">kit 0.1.0 → 0.2.0</span>');
  expect(implementation).toContain('Cases that only the newer run has (not a change of the target) (2)');
  expect(implementation).toContain('<summary>1 case removed</summary>');
  expect(implementation).toContain('<title>kit 0.2.0</title>');
});

test('shows each run as its own kit judged it', async () => {
  const report = JSON.parse(renderJson(run({ day: 1, kit: '0.0.1' })));
  report.verdict = {
    ...report.verdict,
    conformant: false,
    exitCode: 1,
    sentence: 'not conformant at strict: it said so',
  };
  await writeFile(join(reports, '1.json'), JSON.stringify(report));
  await make();
  expect(await page('index.html')).toContain('<span class="pill bad">not conformant</span>');
  const [path = ''] = [...(await files()).keys()].filter((each) => each.includes('/runs/'));
  expect(await page(path)).toContain('not conformant at strict: it said so');
  expect(await page(path)).toContain('kit <bdi>0.0.1</bdi>, contract 1.1, level strict');
});

test('does not take a selection of cases for the latest run', async () => {
  await add('1.json', run({ day: 1 }));
  await add(
    '2.json',
    run({ day: 2, results: failing(1).slice(0, 1), settings: { ...settings, narrowed: true } }),
  );
  await make();
  expect(await page('index.html')).toContain('<span class="pill good">conformant</span>');
  const [slug] = (await readdir(site)).filter((name) => name.startsWith('command'));
  expect(await page(`${slug}/index.html`)).toContain('a selection, not compared');
});

test('gives the same files again, and keeps the pages of earlier runs', async () => {
  await add('1.json', run({ day: 1, results: failing(1) }));
  await add('2.json', run({ day: 2 }));
  await make();
  const first = await files();
  await make();
  expect(await files()).toEqual(first);
  await rm(join(reports, '1.json'));
  await add('renamed.json', run({ day: 1, results: failing(1) }));
  await make();
  expect(await files()).toEqual(first);
  await add('3.json', run({ day: 3 }));
  await make();
  const grown = await files();
  const runs = [...first].filter(([path]) => path.includes('/runs/'));
  expect(runs).toHaveLength(2);
  for (const [path, text] of runs) expect(grown.get(path)).toBe(text);
  expect(grown.size).toBe(first.size + 1);
});

test('writes an Atom feed with stable ids, and absolute links with a base URL', async () => {
  await add('1.json', run({ day: 1 }));
  await add('2.json', run({ day: 2 }));
  await add('3.json', run({ day: 3, results: failing(1) }));
  await make();
  const relative = await page('feed.xml');
  await make('https://example.com/conformance/');
  const absolute = await page('feed.xml');
  const idsOf = (feed: string) => [...feed.matchAll(/<entry>\n<id>(.*)<\/id>/g)].map(([, id]) => id);
  expect(idsOf(relative)).toHaveLength(2);
  expect(idsOf(absolute)).toEqual(idsOf(relative));
  for (const id of idsOf(relative))
    expect(id).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(relative).toContain('<updated>2025-03-03T12:00:00.000Z</updated>');
  expect(relative).toContain('<title>command ./runtime: not conformant, was conformant</title>');
  expect(relative).not.toContain('rel="self"');
  expect(absolute).toContain(
    '<link rel="self" type="application/atom+xml" href="https://example.com/conformance/feed.xml"/>',
  );
  expect(
    absolute.match(/href="https:\/\/example\.com\/conformance\/command-runtime-[0-9a-f]{16}\/runs\//g),
  ).toHaveLength(2);
});

describe('hostile text', () => {
  const attacks = [
    '</title><script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    ']]><entry>',
    '<!-- --><![CDATA[',
    '../../../etc/passwd',
    '..\\..\\windows',
    'CON',
    '\u001b[31mred\u001b[0m',
    'a\u202egnp.exe\u2066b\u2069',
    'zero\u200bwidth\u200d\u2060\ufeff',
    'line\u2028separator\n::error::x',
    'lone \ud800 surrogate \uffff',
    '::set-env name=X::y',
    'x'.repeat(5 * 1024 * 1024),
  ];

  test('is only text on pages, badges and the feed, and no file name', async () => {
    for (const [place, text] of attacks.entries()) {
      const results = failing(3).map(
        (result): CaseResult => ({
          ...result,
          case: {
            ...result.case,
            id: `${text.slice(0, 500)}/${result.case.id}`,
            clauses: [text.slice(0, 500)],
          },
          outcome:
            result.outcome.kind === 'failed'
              ? { kind: 'failed', failure: { summary: text, differences: [], clauses: [text.slice(0, 500)] } }
              : result.outcome,
        }),
      );
      const label = `command ${text}`;
      await add(`${place}a.json`, run({ day: 1, label, kit: text, server: { name: text, version: text } }));
      await add(`${place}b.json`, run({ day: 2, label, kit: text, results }));
    }
    await make('https://example.com/');
    const all = await files();
    expect([...all.keys()].filter((path) => path.endsWith('/index.html'))).toHaveLength(attacks.length);
    for (const [path, text] of all) {
      expect(path).toMatch(/^(?:[a-z0-9-]+\/)*[a-z0-9-]+\.(?:html|svg|json|xml)$/);
      expect(text.length).toBeLessThan(400_000);
      expect(text.replace(/[\n\t]/g, '')).not.toMatch(
        /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffe\uffff]|\p{Surrogate}/u,
      );
      if (path.endsWith('.json')) continue;
      for (const tag of ['<script', '<img', '<entry>x', '<![CDATA[', '<!--']) expect(text).not.toContain(tag);
      expect(
        tagsOf(text).filter((tag) => !/^\/?[a-zA-Z][\w-]*( [\w-]+="[^"<>]*"| open)*\/?$/.test(tag)),
      ).toEqual([]);
      expect(text).not.toMatch(/<[^>]* on\w+=/);
    }
  });

  /** Returns what is between `<` and `>`, except for the declarations at the start. */
  function tagsOf(text: string): readonly string[] {
    const body = text.replace(/^<(?:\?xml[^>]*|!doctype html)>/, '').replace(/<style>[^<]*<\/style>/, '');
    return [...body.matchAll(/<([^>]*)>/g)].map(([, tag = '']) => tag);
  }
});

test('allows nothing but the style sheet, and has only relative links', async () => {
  await add('1.json', run({ day: 1, results: failing(2) }));
  await make();
  const all = [...(await files())].filter(([path]) => path.endsWith('.html'));
  expect(all).toHaveLength(4);
  for (const [path, text] of all) {
    const [, style = ''] = /<style>([^<]*)<\/style>/.exec(text) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    expect(text).toContain(
      `content="default-src &#39;none&#39;; style-src &#39;sha256-${hash}&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;"`,
    );
    expect(text).not.toMatch(/ style=|<script|<img|url\(|@import/);
    for (const [, href = ''] of text.matchAll(/ href="([^"]*)"/g)) {
      expect(href).toMatch(/^(?:\.\.\/)*[a-z0-9-]+(?:\/[a-z0-9-]+)*\.(?:html|svg|json|xml)$/);
      const target = join(site, path, '..', href);
      await expect(readFile(target), `${path} links to ${href}`).resolves.toBeDefined();
    }
  }
});

describe('the folder of reports', () => {
  test('may have other files, which are named', async () => {
    await add('a.json', run({ day: 1 }));
    await add('b.json', run({ day: 1 }));
    await add(
      's.json',
      run({ day: 1, settings: { ...settings, shard: { index: 1, of: 2, total: 26 } } as never }),
    );
    await writeFile(join(reports, 'junit.xml'), '<x/>');
    await writeFile(join(reports, 'other.json'), '{}');
    await writeFile(join(reports, '.hidden.json'), '{');
    expect(await make()).toEqual([
      'b.json: skipped, it has the same run as a.json',
      'junit.xml: skipped, it is not a JSON file',
      'other.json: skipped, it is not the report of a run or a matrix',
      's.json: skipped, it has only shard 1/2; merge the shards with report merge',
    ]);
  });

  test.each([
    ['{', 'it is not JSON'],
    ['{"schemaVersion":"1.0","kind":"matrix"}', 'it does not match the schema of reports'],
    ['{"schemaVersion":"2.0","tool":1,"target":1}', 'it has schemaVersion 2.0; this kit reads 1.x'],
  ])('may not have an invalid report: %s', async (text, message) => {
    await add('a.json', run({ day: 1 }));
    await writeFile(join(reports, 'b.json'), text);
    await expect(make()).rejects.toThrow(`${join(reports, 'b.json')}: ${message}`);
    expect(await readdir(folder)).toEqual(['reports']);
  });

  test('must have a report', async () => {
    await expect(make()).rejects.toThrow(`${reports} has no reports; write them with --report json=FILE`);
    await rm(reports, { recursive: true });
    await expect(make()).rejects.toThrow(`${reports}: there is no such folder`);
  });
});

describe('the folder of the site', () => {
  test('is replaced if the kit made it, or if it is empty', async () => {
    await add('1.json', run({ day: 1 }));
    await mkdir(site);
    await make();
    await writeFile(join(site, 'old.html'), 'old');
    await make();
    expect((await files()).has('old.html')).toBe(false);
    expect(await readdir(folder)).toEqual(['reports', 'site']);
  });

  test('is kept if it has files of others', async () => {
    await add('1.json', run({ day: 1 }));
    await mkdir(site);
    await writeFile(join(site, 'thesis.txt'), 'mine');
    await expect(make()).rejects.toThrow(
      `${site} has files that report site did not make; choose an empty folder`,
    );
    await writeFile(join(site, markerFile), 'not the marker');
    await expect(make()).rejects.toThrow('did not make');
    expect(await readFile(join(site, 'thesis.txt'), 'utf8')).toBe('mine');
    expect(await readdir(folder)).toEqual(['reports', 'site']);
    site = join(site, 'thesis.txt');
    await expect(make()).rejects.toThrow('thesis.txt is a file; choose a folder');
  });
});

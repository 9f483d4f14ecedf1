import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../base/package.ts';
import type { Document } from './documents.ts';
import { lineAt, type Problem } from './markers.ts';

/** Returns problems for broken relative links, and for paths in backticks that do not exist. */
export function brokenReferences(document: Document, documents: readonly Document[]): readonly Problem[] {
  const text = withoutFences(document.text);
  return [...brokenLinks(document, text, documents), ...missingPaths(document.path, text)];
}

/** Replaces code blocks with spaces and keeps their line breaks. */
function withoutFences(text: string): string {
  return text.replace(/^```.*?^```$/gms, (fence) => fence.replace(/[^\n]/g, ' '));
}

function brokenLinks(document: Document, text: string, documents: readonly Document[]): readonly Problem[] {
  return [...text.matchAll(/\]\((?<link>[^)\s]+)\)/g)].flatMap(({ groups, index }) => {
    const link = groups?.['link'] ?? '';
    if (/^[a-z]+:/.test(link)) return [];
    const [file = '', heading] = link.split('#');
    const target = file === '' ? document.path : join(dirname(document.path), file);
    const line = lineAt(text, index);
    if (file !== '' && !existsSync(join(packageRoot(), target))) {
      return [{ line, message: `${link} does not exist` }];
    }
    const page = file === '' ? document : documents.find((each) => each.path === target);
    if (heading === undefined || page === undefined || anchorsOf(page.text).has(heading)) return [];
    return [{ line, message: `${target} has no heading for #${heading}` }];
  });
}

/** Returns the anchors that GitHub generates for headings. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = withoutFences(text).matchAll(/^#+ (?<title>.*)$/gm);
  return new Set(
    [...headings].map(({ groups }) =>
      (groups?.['title'] ?? '')
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** Top-level folders of the repository. A path in backticks that begins with one of them must exist. */
const folders =
  'base|client|conformance|docker|docs|examples|fixtures|gateway|proof|proto|reference-runtime|runners|runtimes|\\.ci|\\.github';
const repositoryPath = new RegExp(`\`(?<path>(?:${folders})/[\\w./{},*-]*)\``, 'g');

/** Matches a placeholder in a path, such as `SUITE.yaml`. */
const placeholder = /(?:^|\/)[A-Z]{2,}(?:\.[\w.]+)?(?=\/|$)/;
const upperCaseFiles = /(?:^|\/)(?:README|CONTRACT|CONTRIBUTING|CHANGELOG|SECURITY)\.md$/;

function missingPaths(document: string, text: string): readonly Problem[] {
  return [...text.matchAll(repositoryPath)].flatMap(({ groups, index }) => {
    const path = groups?.['path'] ?? '';
    if (/[{*]/.test(path)) return existsSync(join(packageRoot(), fixedPart(path))) ? [] : [problem()];
    if (placeholder.test(path) && !upperCaseFiles.test(path)) return [];
    // A path may also be relative to the folder of its document.
    const places = [path, join(dirname(document), path)];
    return places.some((place) => existsSync(join(packageRoot(), place))) ? [] : [problem()];

    function problem(): Problem {
      return { line: lineAt(text, index), message: `\`${path}\` does not exist in the repository` };
    }
  });
}

/** Returns the folder before the first wildcard in a path. */
function fixedPart(path: string): string {
  return dirname(path.replace(/[{*].*$/, 'x'));
}

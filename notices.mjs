// Lists third-party code with its licences. Most licences require each copy of the code to include their text.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Licences that allow their code in a program under Apache-2.0, provided that the program carries their text. */
const allowedLicences = new Set([
  '0BSD',
  'Apache-2.0',
  'Apache-2.0 WITH LLVM-exception',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Python-2.0',
  'Unicode-3.0',
  'Unlicense',
  'Zlib',
]);

/** Folder of licence texts for packages without one: `NAME.txt`. */
const suppliedTexts = join(import.meta.dirname, 'licenses');

const introduction = 'The programs in this folder contain code from these packages.\n';
/** Length below which a text is repeated. */
const shortText = 400;

const separator = `\n${'='.repeat(80)}\n`;

/**
 * Returns the folders of the packages with code in a bundle.
 * @param {import('esbuild').Metafile} metafile
 * @returns {string[]} paths relative to the same folder as those in `metafile`, sorted by package name
 */
export function bundledPackages(metafile) {
  const folders = new Map();
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const [folder, name] = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
      if (folder !== undefined && bytesInOutput > 0) {
        folders.set(folder, name);
      }
    }
  }
  return [...folders]
    .sort((a, b) => (`${a[1]} ${a[0]}` < `${b[1]} ${b[0]}` ? -1 : 1))
    .map(([folder]) => folder);
}

/**
 * A piece of third-party code in a program.
 * @typedef {object} Component
 * @property {string} name
 * @property {string} [version]
 * @property {string | undefined} licence an SPDX expression
 * @property {readonly string[]} texts the texts of the licences and notices
 * @property {string} purl the package URL
 * @property {boolean} [isException] whether the licence needs no check, because its conditions are met otherwise
 */

/**
 * Describes an npm package.
 * @param {string} folder the folder of the package
 * @returns {Component}
 */
export function npmComponent(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const { name, version } = manifest;
  return {
    name,
    version,
    licence: licenceOf(manifest),
    texts: licenceTexts(folder, name),
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
  };
}

/**
 * Returns the licence in the manifest of an npm package.
 * @returns {string | undefined}
 */
export function licenceOf({ license, licenses }) {
  // Old packages list alternatives in `licenses`.
  return license ?? licenses?.map(({ type }) => type).join(' OR ');
}

/**
 * Renders the notices of npm packages.
 * @param {string[]} folders the folders of the packages
 * @returns {string} name, version, licence and licence text of each package
 * @throws {Error} if a package has no licence text, or its licence is not allowed
 */
export function renderNotices(folders) {
  return renderComponents(introduction, folders.map(npmComponent));
}

/**
 * Renders the notices of third-party code.
 * @param {string} start the first line
 * @param {Component[]} components
 * @throws {Error} if a component has no licence text, or its licence is not allowed
 */
export function renderComponents(start, components) {
  const problems = [];
  /** The first component with each text, by the words of the text. Hundreds of packages have the same text. */
  const firstWith = new Map();
  const notices = components.map(({ name, version, licence, texts, isException = false }) => {
    const title = version === undefined ? name : `${name} ${version}`;
    if (!isException && !isAllowed(licence)) {
      problems.push(
        `${title}: the licence ${JSON.stringify(licence)} is not allowed; see allowedLicences in notices.mjs`,
      );
    }
    if (texts.length === 0) {
      problems.push(`${title}: found no licence text; add it as licenses/${name}.txt`);
    }
    const shown = texts.map((text) => {
      const words = text.replace(/\s+/g, ' ');
      const first = firstWith.get(words);
      firstWith.set(words, first ?? title);
      return first === undefined || text.length < shortText
        ? text
        : `[The text is the same as under ${first}.]`;
    });
    return `${title}\nLicence: ${licence}\n\n${shown.join('\n\n')}\n`;
  });
  if (problems.length > 0) {
    throw new Error(`the program must not be published:\n  ${problems.join('\n  ')}`);
  }
  return [start, ...notices].join(separator);
}

/**
 * Returns whether allowed licences satisfy an SPDX expression. `OR` may also be written as a slash.
 * @param {unknown} expression
 */
export function isAllowed(expression) {
  if (typeof expression !== 'string') {
    return false;
  }
  const trimmed = expression.trim();
  const alternatives = splitAt(trimmed, / OR |\s?\/\s?/);
  if (alternatives.length > 1) {
    return alternatives.some(isAllowed);
  }
  const parts = splitAt(trimmed, / AND /);
  if (parts.length > 1) {
    return parts.every(isAllowed);
  }
  return /^\(.*\)$/.test(trimmed) ? isAllowed(trimmed.slice(1, -1)) : allowedLicences.has(trimmed);
}

/** Splits an expression at an operator outside parentheses. */
function splitAt(expression, operator) {
  const parts = [''];
  let depth = 0;
  for (const word of expression.split(new RegExp(`(${operator.source}|[()])`))) {
    if (word === undefined) {
      continue;
    }
    depth += word === '(' ? 1 : word === ')' ? -1 : 0;
    if (depth === 0 && operator.test(word)) {
      parts.push('');
    } else {
      parts[parts.length - 1] += word;
    }
  }
  return parts;
}

/**
 * Returns the licence and notice files of a package, or the licence section of its README, or the supplied text.
 * @param {string} folder
 * @param {string} name the name of the supplied text, without `.txt`
 * @returns {readonly string[]}
 */
export function licenceTexts(folder, name) {
  const read = (file) => readFileSync(file, 'utf8').replaceAll('\r\n', '\n').trim();
  const files = readdirSync(folder).sort();
  const licences = files.filter((file) => /^(licen[cs]e|copying|unlicense)([-._]|$)/i.test(file));
  if (licences.length > 0) {
    const notices = files.filter((file) => /^notice([-.]|$)/i.test(file));
    return [...licences, ...notices].map((file) => read(join(folder, file)));
  }
  const readme = files.find((file) => /^readme/i.test(file));
  const sections = readme === undefined ? [] : read(join(folder, readme)).split(/^(?=#)/m);
  const section = sections.find(
    (candidate) => /^#+ *licen[cs]e/i.test(candidate) && candidate.includes('Permission is hereby granted'),
  );
  if (section !== undefined) {
    return [section.trim()];
  }
  const supplied = join(suppliedTexts, `${name}.txt`);
  return existsSync(supplied) ? [read(supplied)] : [];
}

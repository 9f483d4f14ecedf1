// Lists the packages in a bundle with their licences. Most licences require each copy of the code to include their text.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Licences that allow their code in a bundle under Apache-2.0, provided that the bundle carries their text. */
const allowedLicences = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Python-2.0',
  'Unlicense',
]);

/** Folder of licence texts for packages without one: `NAME.txt`. */
const suppliedTexts = join(import.meta.dirname, 'licenses');

const introduction = 'The programs in this folder contain code from these packages.\n';
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
 * Renders the notices of packages.
 * @param {string[]} folders the folders of the packages
 * @returns {string} name, version, licence and licence text of each package
 * @throws {Error} if a package has no licence text, or its licence is not allowed
 */
export function renderNotices(folders) {
  const problems = [];
  const notices = folders.map((folder) => {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const { name, version } = manifest;
    // Old packages list alternatives in `licenses`.
    const license = manifest.license ?? manifest.licenses?.map(({ type }) => type).join(' OR ');
    const text = licenceText(folder, name);
    if (!isAllowed(license)) {
      problems.push(
        `${name} ${version}: the licence ${JSON.stringify(license)} is not allowed; see allowedLicences in notices.mjs`,
      );
    }
    if (text === undefined) {
      problems.push(`${name} ${version}: found no licence text in ${folder}; add it as licenses/${name}.txt`);
    }
    return `${name} ${version}\nLicence: ${license}\n\n${text}\n`;
  });
  if (problems.length > 0) {
    throw new Error(`the bundle must not be published:\n  ${problems.join('\n  ')}`);
  }
  return [introduction, ...notices].join(separator);
}

/** Returns whether allowed licences satisfy an SPDX expression. Nested parentheses are unsupported. */
function isAllowed(expression) {
  if (typeof expression !== 'string') {
    return false;
  }
  const alternatives = expression.replace(/^\(([^()]*)\)$/, '$1').split(' OR ');
  return alternatives.some((alternative) =>
    alternative.split(' AND ').every((licence) => allowedLicences.has(licence)),
  );
}

/** Returns the licence and notice files of a package, or the licence section of its README, or the supplied text. */
function licenceText(folder, name) {
  const read = (file) => readFileSync(file, 'utf8').replaceAll('\r\n', '\n').trim();
  const files = readdirSync(folder).sort();
  const licences = files.filter((file) => /^(licen[cs]e|copying|unlicense)([-.]|$)/i.test(file));
  if (licences.length > 0) {
    const notices = files.filter((file) => /^notice([-.]|$)/i.test(file));
    return [...licences, ...notices].map((file) => read(join(folder, file))).join('\n\n');
  }
  const readme = files.find((file) => /^readme/i.test(file));
  const sections = readme === undefined ? [] : read(join(folder, readme)).split(/^(?=#)/m);
  const section = sections.find(
    (candidate) => /^#+ *licen[cs]e/i.test(candidate) && candidate.includes('Permission is hereby granted'),
  );
  if (section !== undefined) {
    return section.trim();
  }
  const supplied = join(suppliedTexts, `${name}.txt`);
  return existsSync(supplied) ? read(supplied) : undefined;
}

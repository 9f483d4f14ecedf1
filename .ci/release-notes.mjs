#!/usr/bin/env node
// Prints the section of CHANGELOG.md for the version in a tag: node .ci/release-notes.mjs v1.2.3
// Fails if package.json has a different version, or if the changelog does not have the section.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Returns the release notes of a version.
 * @param {string} tag the version with a leading `v`
 * @param {string} version the version in package.json
 * @param {string} changelog a changelog in the format of Keep a Changelog
 * @returns {string} the text below the version's heading
 * @throws {Error} if the tag names another version, or the changelog has no text for it
 */
export function releaseNotes(tag, version, changelog) {
  if (tag !== `v${version}`) {
    throw new Error(`the tag is ${tag}, but package.json has version ${version}: tag v${version}`);
  }
  const sections = changelog.split(/^## /m);
  const section = sections.find((candidate) => candidate.startsWith(`[${version}]`));
  const notes = section?.slice(section.indexOf('\n')).trim();
  if (!notes) {
    throw new Error(`CHANGELOG.md has no text under "## [${version}] - DATE"; move it there from Unreleased`);
  }
  return notes;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const read = (name) => readFileSync(join(import.meta.dirname, '..', name), 'utf8');
  try {
    console.log(
      releaseNotes(process.argv[2], JSON.parse(read('package.json')).version, read('CHANGELOG.md')),
    );
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}

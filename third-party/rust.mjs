// Finds the third-party code in the Rust runtime.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { licenceTexts } from '../notices.mjs';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'runtimes/rust');
const platforms = ['x86_64-unknown-linux-gnu', 'aarch64-unknown-linux-gnu'];

/**
 * Returns the crates with code in the Rust runtime, on every platform, and the libraries that every build contains.
 * @returns {import('../notices.mjs').Component[]}
 */
export function rustComponents() {
  const crates = new Map();
  for (const platform of platforms) {
    const linked = linkedCrates(platform);
    for (const crate of metadata(platform).packages) {
      if (crate.source !== null && linked.has(`${crate.name} v${crate.version}`)) {
        crates.set(crate.id, crate);
      }
    }
  }
  const order = ({ name, version }) => `${name} ${version}`;
  const found = [...crates.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1));
  return [...builtIn(), ...found.map(componentOf)];
}

function metadata(platform) {
  const words = ['metadata', '--format-version', '1', '--locked', '--filter-platform', platform];
  return JSON.parse(cargo(words));
}

/**
 * Returns names and versions of the crates that the program links. Build scripts, tests and procedural macros are not
 * linked. `cargo metadata` cannot tell, because it adds the features that only tests and examples enable.
 */
function linkedCrates(platform) {
  const words = ['tree', '--locked', '--package', 'mcp-runtime', '--edges', 'normal,no-proc-macro'];
  const output = cargo([...words, '--target', platform, '--prefix', 'none', '--format', '{p}']);
  // A line ends with (*) if the crate has occurred before, and with a path if it belongs to the workspace.
  return new Set(output.split('\n').map((line) => line.replace(/ \(.*\)$/, '')));
}

function cargo(words) {
  return execFileSync('cargo', words, { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
}

function componentOf({ name, version, license, manifest_path: manifest }) {
  const texts = licenceTexts(dirname(manifest), `rust/${name}`);
  return { name, version, licence: license, texts, purl: `pkg:cargo/${name}@${version}` };
}

/** Without versions, because each build contains the libraries of its own compiler and system. */
function builtIn() {
  return [
    {
      name: 'The Rust standard library',
      licence: 'MIT OR Apache-2.0',
      texts: [readFileSync(join(root, 'LICENSE'), 'utf8').trim()],
      purl: 'pkg:generic/rust-std',
    },
    {
      name: 'The GNU C Library',
      licence: 'LGPL-2.1-or-later',
      texts: [readFileSync(join(root, 'licenses/rust/glibc.txt'), 'utf8').trim()],
      purl: 'pkg:generic/glibc',
      // Section 6 of the LGPL: anyone can link the program again, because its complete source is published.
      isException: true,
    },
  ];
}

// Finds the third-party code in the Go runtime.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { licenceTexts } from '../notices.mjs';

const folder = join(import.meta.dirname, '../runtimes/go');
const architectures = ['amd64', 'arm64'];

/** Sentences by which a licence text is recognised. Go modules do not name their licence. */
const sentences = {
  'Apache-2.0': /Apache License\s+Version 2\.0/,
  'BSD-3-Clause': /Redistribution and use in source and binary forms[\s\S]*Neither the name/,
  'BSD-2-Clause': /Redistribution and use in source and binary forms/,
  ISC: /Permission to use, copy, modify, and(?:\/or)? distribute this software/,
  MIT: /Permission is hereby granted, free of charge/,
};

/**
 * Returns the modules with code in the Go runtime, on every architecture, and the standard library.
 * @returns {import('../notices.mjs').Component[]}
 */
export function goComponents() {
  const modules = new Map();
  for (const architecture of architectures) {
    for (const line of listModules(architecture)) {
      const [name, version, place] = line.split('\t');
      modules.set(name, { name, version, place });
    }
  }
  const found = [...modules.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return [standardLibrary(), ...found.map(componentOf)];
}

function listModules(architecture) {
  const format = '{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}';
  const output = execFileSync('go', ['list', '-deps', '-f', format, './cmd/mcp-runtime'], {
    cwd: folder,
    env: { ...process.env, GOOS: 'linux', GOARCH: architecture, CGO_ENABLED: '0' },
    encoding: 'utf8',
  });
  return output.split('\n').filter((line) => line !== '');
}

function componentOf({ name, version, place }) {
  const texts = licenceTexts(place, `go/${name.replaceAll('/', '-')}`);
  return {
    name,
    version,
    licence: recognise(texts.join('\n')),
    texts,
    purl: `pkg:golang/${name}@${version}`,
  };
}

/** Without a version, because each build contains the library of its own compiler. */
function standardLibrary() {
  const root = execFileSync('go', ['env', 'GOROOT'], { cwd: folder, encoding: 'utf8' }).trim();
  const text = readFileSync(join(root, 'LICENSE'), 'utf8').trim();
  return { name: 'The Go standard library', licence: recognise(text), texts: [text], purl: 'pkg:golang/std' };
}

/** Returns the licence of a text. Several licences in one text are alternatives only if the text says so. */
function recognise(text) {
  const found = Object.keys(sentences).filter((licence) => sentences[licence].test(text));
  const licences = found.filter((licence) => licence !== 'BSD-2-Clause' || !found.includes('BSD-3-Clause'));
  return licences.length === 0 ? undefined : licences.join(' AND ');
}

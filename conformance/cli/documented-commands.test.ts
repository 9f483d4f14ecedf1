import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../base/package.ts';
import {
  commandsIn as fencedCommands,
  gateCommands,
  isFor,
  treatmentOf,
  treatments,
} from '../../proof/docs/documented-commands.ts';
import { readDocuments } from '../../proof/docs/documents.ts';
import { loadCommands } from '../../proof/docs/kit-commands.ts';
import type { CliCommand } from './cli-command.ts';
import { makeProgram } from './program.ts';
import { contextOf } from './testing/run-words.ts';

const root = packageRoot();

describe('commands in the documentation and examples', () => {
  const documents = [
    ...readdirSync(join(root, 'docs'))
      .filter((name) => name.endsWith('.md'))
      .map((name) => join('docs', name)),
    'docs/ci/github.yml',
    'docs/ci/gitlab.yml',
    'README.md',
  ];
  /** The flags of every command by its name. Those of a group are the flags of all its commands. */
  const options = new Map<string, ReadonlySet<string>>();

  beforeAll(async () => {
    const program = makeProgram(contextOf(), () => {});
    options.set('run', flagsOf(program));
    for (const command of program.commands as readonly CliCommand[]) {
      await command.load();
      const flags = [command, ...command.commands].flatMap((each) => [...flagsOf(each)]);
      options.set(command.name(), new Set(flags));
    }
  });

  test('have options to check', () => {
    const withoutOptions = [...options].filter(([, flags]) => flags.size < 2).map(([command]) => command);
    expect(withoutOptions).toEqual(['completion']);
  });

  test('are found in the files', () => {
    const found = documents.map((document) => commandsIn(readFileSync(join(root, document), 'utf8')).length);
    expect(found.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(20);
    expect(commandsIn(readFileSync(join(root, 'docs/ci/gitlab.yml'), 'utf8'))).toEqual([
      expect.stringMatching(/^--image .* --known-failures .* --report /),
      expect.stringMatching(/^matrix --config .* --report /),
      expect.stringMatching(/^matrix --config .* --shard .* --report /),
      expect.stringMatching(/^report merge .* --out .* --report /),
      expect.stringMatching(/^report site latest --out /),
      expect.stringMatching(/^proto check --against .* --config .* --report /),
    ]);
  });

  test.each(documents)('use existing flags: %s', (document) => {
    const wrong: string[] = [];
    for (const line of commandsIn(readFileSync(join(root, document), 'utf8'))) {
      const words = line.split(/\s+/);
      const verb = words[0] !== undefined && options.has(words[0]) ? words[0] : 'run';
      const end = words.indexOf('--');
      const own = end < 0 ? words : words.slice(0, end);
      for (const word of own) {
        const flag = /^--[a-z][a-z-]*/.exec(word)?.[0];
        if (flag !== undefined && options.get(verb)?.has(flag) !== true)
          wrong.push(`${verb} ${flag}: ${line}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('commands in code blocks of the documentation', () => {
  const found = readDocuments().flatMap(fencedCommands);

  test.each([
    ['a comment', '```sh\nnpm test   # all\n```', ['npm test']],
    ['a continued line', '```sh\nnpm \\\n  test\n```', ['npm test']],
    ['two commands', '```sh\nnpm ci && npm test\n```', ['npm ci', 'npm test']],
    ['output', '```\nnpm test\n```', []],
  ])('are found with %s', (_, text, commands) => {
    expect(fencedCommands({ path: 'x.md', text }).map(({ command }) => command)).toEqual(commands);
  });

  test.each(found.map((each) => [each.command, each] as const))(
    'are executed or verified: %s',
    async (command, { path, line }) => {
      const treatment = await treatmentOf(command);
      const hint = `${path}:${line}: run it in .ci/run, or state in proof/docs/documented-commands.ts how it is verified`;
      expect(treatment, hint).toBeDefined();
      if (treatment?.kind === 'parsed') expect(treatment.problem, `${path}:${line}`).toBeUndefined();
      if (treatment?.kind === 'gate') expect(gateCommands(), `${path}:${line}`).toContain(treatment.by);
    },
  );

  test.each([
    ['npm run no-such-script', undefined],
    [
      'npx mcp-runtime-conformance --no-such-flag',
      { kind: 'parsed', problem: expect.stringContaining('no-such-flag') },
    ],
    [
      'npx mcp-runtime-conformance matrix --levle core',
      { kind: 'parsed', problem: expect.stringContaining('--level') },
    ],
    ['npm run prove -- runtme', { kind: 'parsed', problem: expect.stringContaining('runtime') }],
    ['npm ci', { kind: 'gate', by: 'npm ci' }],
  ])('have a treatment: %s', async (command, treatment) => {
    expect(await treatmentOf(command)).toEqual(treatment);
  });

  test('exist for every treatment', () => {
    const idle = Object.keys(treatments).filter((each) => !found.some(({ command }) => isFor(each, command)));
    expect(idle).toEqual([]);
  });

  test('fences with commands are marked sh', () => {
    const marked = readDocuments().filter(({ text }) => /^```(bash|shell|console)/m.test(text));
    expect(marked.map(({ path }) => path)).toEqual([]);
  });
});

describe('commands in the prose of the documentation', () => {
  const { scripts }: { readonly scripts: Readonly<Record<string, string>> } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  const found = readDocuments().flatMap(({ path, text }) =>
    [...text.matchAll(/`(npm run [^`]+)`/g)].map(
      ([, command = '']) => [path, command.replace(/\s+/g, ' ')] as const,
    ),
  );

  test.each(found)('%s: %s', async (_, command) => {
    expect(Object.keys(scripts)).toContain(command.split(' ')[2]);
    const treatment = await treatmentOf(command);
    if (treatment?.kind === 'parsed') expect(treatment.problem).toBeUndefined();
  });
});

/** Flags in documents that belong to other programs. */
const foreignFlags: Readonly<Record<string, string>> = {
  '--base': 'docker/images.mjs',
  '--node-image': 'docker/build.mjs',
  '--whole-suite': 'npm run prove',
  '--language': 'npm run prove',
  '--runtime': 'npm run prove',
  '--faults': 'npm run prove',
  '--unix-socket': 'curl',
  '--requirements': 'the official MCP conformance suite',
  '--save-dev': 'npm',
  '--go': 'protoc (`--go_opt`)',
  '--go-grpc': 'protoc (`--go-grpc_opt`)',
  '--flag': 'an example of a runtime',
};

describe('flags in the prose of the documentation', () => {
  const found = readDocuments().flatMap(({ path, text }) =>
    [...text.matchAll(/`(?!npm run )[^`\n]*`/g)].flatMap(([code]) =>
      [...code.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([flag]) => ({ path, flag })),
    ),
  );

  test('belong to a command of the kit, or to a program that is listed', async () => {
    const flags = new Set(['--help', ...Object.keys(foreignFlags)]);
    for (const command of (await loadCommands()).values()) {
      for (const { long } of command.options) flags.add(long ?? '');
    }
    expect(found.length).toBeGreaterThan(100);
    expect(found.filter(({ flag }) => !flags.has(flag))).toEqual([]);
  });

  test('of other programs are listed only if they occur in a document', () => {
    const named = new Set(found.map(({ flag }) => flag));
    expect(Object.keys(foreignFlags).filter((flag) => !named.has(flag))).toEqual([]);
  });
});

function flagsOf({ options }: Command): ReadonlySet<string> {
  return new Set(['--help', ...options.map(({ long }) => long ?? '')]);
}

/** Returns the arguments of each documented call of the program, with continuation lines joined. */
function commandsIn(text: string): readonly string[] {
  const joined = text.replace(/\\\n\s*/g, ' ').replace(/\n {6}--/g, ' --');
  return [
    ...joined.matchAll(
      /(?:npx (?:--yes )?|--package @bufbuild\/buf(?:@[\d.]+)? )mcp-runtime-conformance(?:@[\d.]+)? ([^\n`#]*)/g,
    ),
  ].map(
    // Quoted text is part of a value, not a flag.
    ([, words = '']) => words.replace(/"[^"]*"|'[^']*'/g, 'x').trim(),
  );
}

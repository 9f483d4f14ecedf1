import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { $ } from 'zx';
import { startGateway } from './gateway-process.ts';
import { defaultCache, inspector, provideProgram } from './npm-program.ts';
import { checkTargets, type OfficialRequest } from './targets.ts';

/** A method that the Inspector calls, and a part that its output has to contain. */
interface Step {
  readonly words: readonly string[];
  readonly expected: string;
}

const steps: readonly Step[] = [
  { words: ['tools/list'], expected: '"name": "conformance_echo"' },
  {
    words: ['tools/call', '--tool-name', 'conformance_echo', '--tool-arg', 'text=gr\u00fc\u00dfe'],
    expected: '"text": "gr\u00fc\u00dfe"',
  },
  {
    words: ['tools/call', '--tool-name', 'test_tool_with_logging'],
    expected: 'Tool with logging executed successfully',
  },
  { words: ['resources/list'], expected: '"uri": "test://static-text"' },
  { words: ['resources/read', '--uri', 'test://static-text'], expected: 'static text resource' },
  { words: ['resources/templates/list'], expected: '"uriTemplate": "test://template/{id}/data"' },
  { words: ['prompts/list'], expected: '"name": "test_simple_prompt"' },
  {
    words: [
      'prompts/get',
      '--prompt-name',
      'test_prompt_with_arguments',
      '--prompt-args',
      'arg1=a',
      'arg2=b',
    ],
    expected: "arg1='a', arg2='b'",
  },
];

/** Runs the command line of the MCP Inspector as a client of our gateway in front of each runtime. */
export function proveInspector(request: OfficialRequest): Promise<number> {
  return checkTargets(request, async () => {
    const { node, entry } = await provideProgram(inspector, request.cache ?? defaultCache);
    process.stdout.write(`${inspector.name} ${inspector.version}\n`);
    return async ({ words }) => {
      // The Inspector keeps files in the home folder; those are the user's own.
      const home = await mkdtemp(join(tmpdir(), 'inspector-'));
      try {
        await using gateway = await startGateway(words);
        const outputs: string[] = [];
        let passed = 0;
        for (const step of steps) {
          const run = await $({
            quiet: true,
            nothrow: true,
            timeout: '1m',
            env: { ...process.env, HOME: home },
          })`${node} ${entry} --cli ${gateway.url} --transport http --method ${step.words}`;
          const isRight = run.exitCode === 0 && run.stdout.includes(step.expected);
          if (isRight) passed += 1;
          outputs.push(`${isRight ? 'ok' : 'FAILED'} ${step.words.join(' ')}\n${run.stdout}${run.stderr}\n`);
        }
        return {
          ok: passed === steps.length,
          summary: `${passed} of ${steps.length} methods answered as they should`,
          output: outputs.join(''),
        };
      } finally {
        await rm(home, { recursive: true, force: true });
      }
    };
  });
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { $ } from 'zx';
import { startGateway } from './gateway-process.ts';
import { defaultCache, inspector, provideProgram } from './npm-program.ts';
import { checkTargets, type OfficialRequest } from './targets.ts';

/** Arguments for the Inspector, and a substring that its output must contain. */
const steps: readonly (readonly [words: string, expected: string])[] = [
  ['tools/list', '"name": "conformance_echo"'],
  ['tools/call --tool-name conformance_echo --tool-arg text=gr\u00fc\u00dfe', '"text": "gr\u00fc\u00dfe"'],
  ['tools/call --tool-name test_tool_with_logging', 'Tool with logging executed successfully'],
  ['resources/list', '"uri": "test://static-text"'],
  ['resources/read --uri test://static-text', 'static text resource'],
  ['resources/templates/list', '"uriTemplate": "test://template/{id}/data"'],
  ['prompts/list', '"name": "test_simple_prompt"'],
  ['prompts/get --prompt-name test_prompt_with_arguments --prompt-args arg1=a arg2=b', "arg1='a', arg2='b'"],
];

/** Runs the CLI of the MCP Inspector against our gateway in front of each runtime. */
export function proveInspector(request: OfficialRequest): Promise<number> {
  return checkTargets(request, async () => {
    const { node, entry } = await provideProgram(inspector, request.cache ?? defaultCache);
    process.stdout.write(`${inspector.name} ${inspector.version}\n`);
    return async (target) => {
      // The Inspector writes to the home folder. A temporary one protects the user's files.
      const home = await mkdtemp(join(tmpdir(), 'inspector-'));
      try {
        await using gateway = await startGateway(target.words);
        const outputs: string[] = [];
        let passed = 0;
        for (const [words, expected] of steps) {
          const run = await $({
            quiet: true,
            nothrow: true,
            timeout: '1m',
            env: { ...process.env, HOME: home },
          })`${node} ${entry} --cli ${gateway.url} --transport http --method ${words.split(' ')}`;
          const isRight = run.exitCode === 0 && run.stdout.includes(expected);
          if (isRight) passed += 1;
          outputs.push(`${isRight ? 'ok' : 'FAILED'} ${words}\n${run.stdout}${run.stderr}\n`);
        }
        return {
          ok: passed === steps.length,
          summary: `${passed} of ${steps.length} methods gave the expected output`,
          output: outputs.join(''),
        };
      } finally {
        await rm(home, { recursive: true, force: true });
      }
    };
  });
}

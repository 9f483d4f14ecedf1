import { describe, expect, test } from 'vitest';
import { recorder, ScriptedGateway } from '../testing/scripted-gateway.ts';
import { problemOf, sendInput } from '../testing/smuggling.ts';
import { requestOf, smuggledBody, smugglingInputs } from '../testing/smuggling-corpus.ts';

describe('an input that parsers read in different ways', () => {
  test('is refused, or is one request', async () => {
    const { seen, script } = recorder();
    await using gateway = await ScriptedGateway.start(script);
    const problems: string[] = [];
    for (const { name, bytes } of smugglingInputs) {
      const outcome = await sendInput(gateway, seen, bytes);
      const problem = problemOf(outcome);
      if (problem !== undefined) problems.push(`${name}: ${problem} (${JSON.stringify(outcome)})`);
    }
    expect(problems).toEqual([]);
  }, 120_000);

  test('is told from two requests', async () => {
    const { seen, script } = recorder();
    await using gateway = await ScriptedGateway.start(script);
    const length = (body: string) => [
      'POST /mcp HTTP/1.1',
      'Host: localhost',
      `Content-Length: ${body.length}`,
    ];
    const two = requestOf(length('{}'), '{}') + requestOf(length(smuggledBody), smuggledBody);
    expect(problemOf(await sendInput(gateway, seen, two))).toContain('smuggled');
  });
});

import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { roleNames, roles } from '../case/roles.ts';
import { parseConfig } from './config-file.ts';

const parseText = (text: string) => parseConfig('/etc/kit/mine.yaml', new TextEncoder().encode(text));

test('reads items for all targets and for one target, which take precedence', () => {
  const { own, targets } = parseText(`
tools:
  safe: { name: read }
  slow: { name: sleep, arguments: { seconds: 6 } }
resource: { uri: "file:///a" }
targets:
  one: { command: ./one, tools: { slow: { name: wait } }, prompt: { name: plan } }
  two: { command: ./two }
`);
  const shared = {
    safe: { name: 'read' },
    slow: { name: 'sleep', arguments: { seconds: 6 } },
    resource: { uri: 'file:///a' },
  };
  expect(own).toEqual(shared);
  expect(targets.get('one')?.own).toEqual({ ...shared, slow: { name: 'wait' }, prompt: { name: 'plan' } });
  expect(targets.get('two')?.own).toEqual(shared);
});

test('needs no targets', () => {
  expect(parseText('tools: { failing: { name: fail } }')).toMatchObject({
    own: { failing: { name: 'fail' } },
    targets: new Map(),
  });
});

test.each([
  ['tools: { slwo: { name: x } }', 'mine.yaml:1:10 unknown key "slwo" in "tools"; did you mean "slow"?'],
  ['tools: { slow: {} }', '"name"'],
  ['resource: file:///a', 'mine.yaml:1:11'],
])('rejects %j', (text, message) => {
  expect(() => parseText(text)).toThrow(message);
});

test.each(roleNames)('the line that the report gives for "%s" is valid', (name) => {
  const { own = {} } = parseText(roles[name].configuration);
  expect(Object.keys(own)).toEqual([name]);
  expect(parse(roles[name].configuration)).toBeTypeOf('object');
});

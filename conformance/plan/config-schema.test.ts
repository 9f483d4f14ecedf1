import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../base/package.ts';
import { type Target, targetKinds } from '../../runners/kinds.ts';
import type { TargetFlag, TargetKind } from '../../runners/target-kind.ts';
import { type Role, roleNames, roles } from '../case/roles.ts';
import { listed } from '../text/text.ts';
import { flagsOfTargets } from './target.ts';

type Schema = Readonly<Record<string, unknown>>;

const published = 'conformance/schemas/config.v1.schema.json';

/** The schema of a target, generated from the kinds of targets. */
function targetSchema(): Schema {
  const names = targetKinds.map(({ name }) => name);
  const flags = [...flagsOfTargets().keys()];
  const keys = targetKinds.map((kind) => [kind.name, propertyOf(kind.flag)] as const);
  return {
    description: `A target: its kind (${listed(names.map((name) => `\`${name}\``))}) and its options.`,
    type: 'object',
    additionalProperties: false,
    properties: {
      ...Object.fromEntries(keys),
      args: { description: 'Arguments of the target.', type: 'array', items: { type: 'string' } },
      ...Object.fromEntries(flags.map((flag) => [flag.name, propertyOf(flag)])),
      capabilities: {
        description: 'Capabilities that this target must declare.',
        $ref: '#/$defs/texts',
      },
      'known-failures': {
        description: 'A file of known failures, which do not count.',
        $ref: '#/$defs/text',
      },
      ...ownItems(),
    },
    anyOf: names.map((name) => ({ required: [name] })),
    dependentSchemas: Object.fromEntries(
      targetKinds.map((kind, index) => [
        kind.name,
        { properties: exclusionsOf(kind, names.slice(index + 1)) },
      ]),
    ),
  };
}

const toolRoles = roleNames.filter((name) => roles[name].method === 'tools/call');

/** The keys for items of a target's own, which are allowed for one target and for all. */
function ownItems(): Schema {
  const others = roleNames.filter((name) => !toolRoles.includes(name));
  const tools = { description: 'Tools of the target, by their role in cases.', $ref: '#/$defs/tools' };
  return { tools, ...Object.fromEntries(others.map((name) => [name, itemSchema(roles[name])])) };
}

function itemSchema({ about, method }: Role): Schema {
  const forms = {
    'tools/call': 'named',
    'prompts/get': 'named',
    'resources/read': 'located',
    'completion/complete': 'completed',
  } as const;
  return {
    description: `${about.charAt(0).toUpperCase()}${about.slice(1)}.`,
    $ref: `#/$defs/${forms[method]}`,
  };
}

/** The schema of `tools`. */
function toolsSchema(): Schema {
  const properties = Object.fromEntries(toolRoles.map((name) => [name, itemSchema(roles[name])]));
  return { type: 'object', additionalProperties: false, minProperties: 1, properties };
}

function propertyOf({ description, takes, form, schema }: TargetFlag): Schema {
  const single = description.replace(/; (?:several|repeatable)$/, '');
  const text = `${single.charAt(0).toUpperCase()}${single.slice(1)}.`;
  if (schema !== undefined) return { description: text, ...schema };
  if (form !== undefined)
    return { description: text, title: form.title, type: 'string', pattern: form.pattern };
  if (takes === 'list') return { description: text, $ref: '#/$defs/texts' };
  return takes === undefined
    ? { description: text, $ref: '#/$defs/text' }
    : { description: text, enum: takes };
}

/** The keys that cannot be combined with the key of a kind. */
function exclusionsOf(kind: TargetKind<Target, string>, later: readonly string[]): Schema {
  const foreign = [...flagsOfTargets().keys()].filter((flag) => !kind.flags.includes(flag));
  const keys = [...later, ...(kind.takesArguments ? [] : ['args']), ...foreign.map(({ name }) => name)];
  return Object.fromEntries(keys.map((key) => [key, false]));
}

test('the published schema matches the kinds of targets (vitest -u updates it)', async () => {
  const file = join(packageRoot(), published);
  const schema = JSON.parse(readFileSync(file, 'utf8'));
  const next = {
    ...schema,
    properties: { ...schema.properties, ...ownItems() },
    $defs: { ...schema.$defs, target: targetSchema(), tools: toolsSchema() },
  };
  const formatted = execFileSync('npx', ['biome', 'format', '--stdin-file-path', published], {
    input: JSON.stringify(next),
    cwd: packageRoot(),
    encoding: 'utf8',
  });
  await expect(formatted).toMatchFileSnapshot(file);
});

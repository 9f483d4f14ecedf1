import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../base/package.ts';

const read = (path: string) => readFileSync(join(packageRoot(), path), 'utf8');

it('docs/hosting.md shows the example that the gate runs', () => {
  expect(read('docs/hosting.md')).toContain(`\`\`\`js\n${read('examples/sdk-server/server.mjs')}\`\`\`\n`);
});

import { expect, test } from 'vitest';
import { packageRoot } from '../../base/package.ts';
import { ContractError, loadClauses, parseClauses } from './clauses.ts';

const document = `# Title

**Not an id** begins this paragraph.

## 3. Calls

**RPC-1** · core · MUST · all
The methods are
served.

**RPC-2** · gateway:strict · MUST · all · since 1.1
Later.

**RPC-3** · core · MUST · all · since 1.1 or with sessions
Sessions.

### With \`stream-head\`

**HEAD-2** · capability:stream-head · SHOULD · legacy
A head.
`;

const rule = { level: 'core', weight: 'MUST', revisions: 'all', section: 'Calls' };

test('reads clauses in order, with their chapter and their text on one line', () => {
  expect([...parseClauses(document).values()]).toEqual([
    {
      id: 'RPC-1',
      level: 'core',
      weight: 'MUST',
      revisions: 'all',
      section: 'Calls',
      text: 'The methods are served.',
      line: 7,
    },
    { ...rule, id: 'RPC-2', level: 'gateway:strict', text: 'Later.', line: 11, since: { release: '1.1' } },
    { ...rule, id: 'RPC-3', text: 'Sessions.', line: 14, since: { release: '1.1', orWithSessions: true } },
    {
      id: 'HEAD-2',
      level: 'capability:stream-head',
      weight: 'SHOULD',
      revisions: 'legacy',
      section: 'Calls',
      text: 'A head.',
      line: 19,
      since: { release: '1.1' },
    },
  ]);
});

test.each([
  ['**RPC-1** · core · MUST\nText.', 'proto/CONTRACT.md:1 malformed clause: "**RPC-1** · core · MUST"'],
  ['x\n\n**RPC-1** core MUST all\nText.', 'proto/CONTRACT.md:3 malformed clause'],
  ['**RPC-01** · core · MUST · all\nText.', 'proto/CONTRACT.md:1 malformed clause'],
  ['**RPC-1** · extra · MUST · all\nText.', 'proto/CONTRACT.md:1 malformed clause'],
  ['**RPC-1** · core · MUST · newest\nText.', 'proto/CONTRACT.md:1 malformed clause'],
  ['**RPC-1** · core · MUST · all · since 2.0\nText.', 'proto/CONTRACT.md:1 malformed clause'],
  ['**RPC-1** · gateway · MUST · all\nText.', 'proto/CONTRACT.md:1 malformed clause'],
  ['**RPC-1** · core · MUST · all', 'proto/CONTRACT.md:1 clause RPC-1 has no text'],
  [
    `${document}\n**RPC-1** · core · MUST · all\nText.`,
    'proto/CONTRACT.md:22 duplicate clause RPC-1; already defined on line 7',
  ],
])('rejects %j', (text, message) => {
  expect(() => parseClauses(text)).toThrow(message);
});

test('reports every problem', () => {
  const text = '**A-1** · core\nx\n\n**A-2** · core\nx';
  expect(() => parseClauses(text)).toThrow(ContractError);
  try {
    parseClauses(text);
  } catch (error) {
    expect(error).toMatchObject({ code: 'contract-invalid', problems: [{ line: 1 }, { line: 4 }] });
  }
});

test('reads the contract of this package', async () => {
  const clauses = await loadClauses(packageRoot());
  expect(clauses.size).toBeGreaterThan(100);
  expect(clauses.get('STREAM-4')).toMatchObject({ level: 'core', weight: 'MUST', section: 'Streams' });
  expect(new Set([...clauses.values()].map(({ section }) => section)).size).toBe(18);
});

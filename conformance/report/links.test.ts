import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../base/package.ts';
import { makeLinks, wantsLinks } from './links.ts';

describe('links', () => {
  test.each<[Readonly<Record<string, string>>, boolean]>([
    [{}, false],
    [{ TERM: 'xterm-256color' }, false],
    [{ TERM: 'xterm-kitty' }, true],
    [{ TERM: 'foot-extra' }, true],
    [{ TERM: 'xterm-256color', VTE_VERSION: '6800' }, true],
    [{ TERM: 'xterm-256color', VTE_VERSION: '5000' }, false],
    [{ TERM: 'dumb', VTE_VERSION: '6800' }, false],
    [{ WT_SESSION: 'x' }, true],
    [{ KONSOLE_VERSION: '220401' }, true],
    [{ TERM_PROGRAM: 'iTerm.app', TERM_PROGRAM_VERSION: '3.0.15' }, false],
    [{ TERM_PROGRAM: 'iTerm.app', TERM_PROGRAM_VERSION: '3.5.1' }, true],
    [{ TERM_PROGRAM: 'vscode', TERM_PROGRAM_VERSION: '1.104.0' }, true],
    [{ TERM_PROGRAM: 'WezTerm', TERM_PROGRAM_VERSION: '20240203-110809-5046fc22' }, true],
    [{ TERM_PROGRAM: 'Apple_Terminal', TERM_PROGRAM_VERSION: '455' }, false],
    [{ TERM_PROGRAM: 'tmux', TERM_PROGRAM_VERSION: '3.4', TMUX: 'x' }, true],
    [{ TERM_PROGRAM: 'tmux', TERM_PROGRAM_VERSION: '3.3a', TMUX: 'x', VTE_VERSION: '6800' }, false],
    [{ TERM: 'screen', STY: 'x', VTE_VERSION: '6800' }, false],
    [{ TERM: 'xterm-kitty', CI: 'true' }, false],
    [{ TERM: 'xterm-kitty', NO_COLOR: '1' }, true],
    [{ FORCE_HYPERLINK: '1', CI: 'true' }, true],
    [{ FORCE_HYPERLINK: '' }, true],
    [{ FORCE_HYPERLINK: '0', TERM: 'xterm-kitty' }, false],
  ])('on a terminal with %j: %s', (environment, expected) => {
    expect(wantsLinks({ environment, isTTY: true })).toBe(expected);
  });

  test('are off in pipes unless they are forced', () => {
    expect(wantsLinks({ environment: { TERM: 'xterm-kitty' }, isTTY: false })).toBe(false);
    expect(wantsLinks({ environment: { FORCE_HYPERLINK: '1' }, isTTY: false })).toBe(true);
  });

  test('name the machine and the file, and contain no character that ends them early', () => {
    const links = makeLinks(true, 'my host');
    expect(links.file('/tmp/a b;\x1b\\é.html', 'report')).toBe(
      '\x1b]8;;file://my%20host/tmp/a%20b;%1B%5C%C3%A9.html\x1b\\report\x1b]8;;\x1b\\',
    );
    expect(links.file('proto/CONTRACT.md', 'x')).toContain(join(packageRoot(), 'proto/CONTRACT.md'));
  });

  test('leave a text unchanged if they are off', () => {
    expect(makeLinks(false).file('/tmp/x', 'report')).toBe('report');
  });
});

import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { flushed } from './flushed.ts';

describe('flushed', () => {
  it('waits until a slow reader has taken everything', async () => {
    const taken: string[] = [];
    const slow = new Writable({
      write: (chunk, _, done) =>
        setImmediate(() => {
          taken.push(String(chunk));
          done();
        }),
    });
    slow.write('first');
    slow.write('second');
    await flushed(slow);
    expect(taken.join(' ')).toContain('first second');
  });

  it('does not wait for a reader that has left', async () => {
    const broken = new Writable({ write: (_, __, done) => setImmediate(done, new Error('EPIPE')) });
    broken.write('lost');
    await flushed(broken);
    expect(broken.destroyed).toBe(true);
    await flushed(broken);
  });
});

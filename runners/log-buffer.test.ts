import { describe, expect, it } from 'vitest';
import { LogBuffer } from './log-buffer.ts';

function texts(logs: LogBuffer): string[] {
  return logs.last(Number.MAX_SAFE_INTEGER).map((line) => line.text);
}

describe('LogBuffer', () => {
  it('joins lines that were split anywhere, even within a character', () => {
    const logs = new LogBuffer();
    for (const byte of Buffer.from('grün\r\nblau\n\nrot')) {
      logs.write('stdout', Buffer.from([byte]));
    }
    logs.end();
    expect(texts(logs)).toEqual(['grün', 'blau', '', 'rot']);
  });

  it('separates the two streams', () => {
    const logs = new LogBuffer();
    logs.write('stdout', Buffer.from('one'));
    logs.write('stderr', Buffer.from('two\n'));
    logs.write('stdout', Buffer.from(' more\n'));
    expect(logs.last(2)).toMatchObject([
      { stream: 'stderr', text: 'two' },
      { stream: 'stdout', text: 'one more' },
    ]);
  });

  it('keeps the first and the last lines', () => {
    const logs = new LogBuffer({ first: 2, last: 3 });
    for (let n = 0; n < 10; n++) {
      logs.write('stdout', Buffer.from(`${n}\n`));
    }
    expect(texts(logs)).toEqual(['0', '1', '7', '8', '9']);
    expect(logs.last(1)).toMatchObject([{ text: '9' }]);
  });

  it('truncates a long line and states by how much', () => {
    const logs = new LogBuffer({ lineBytes: 4 });
    logs.write('stdout', Buffer.from('abcdef'));
    logs.write('stdout', Buffer.from('gh\nij\n'));
    expect(texts(logs)).toEqual(['abcd [… 4 more bytes]', 'ij']);
  });

  it('returns the lines of an interval, including both ends', () => {
    let now = 1_000;
    const logs = new LogBuffer({ now: () => now });
    for (const text of ['a', 'b', 'c', 'd']) {
      logs.write('stdout', Buffer.from(`${text}\n`));
      now += 10;
    }
    expect(logs.between(1_010, 1_020).map((line) => line.text)).toEqual(['b', 'c']);
  });

  it('drops output that arrives too fast, and states how much', () => {
    let now = 1_000;
    const logs = new LogBuffer({ burstBytes: 10, now: () => now });
    logs.write('stdout', Buffer.from('12345678\n'));
    logs.write('stdout', Buffer.from('lost\nlost'));
    now += 100;
    logs.write('stdout', Buffer.from('after\n'));
    expect(texts(logs)).toEqual(['12345678', '[… 9 bytes dropped: written too fast]', 'after']);
  });

  it('resolves when a line arrives', async () => {
    const logs = new LogBuffer();
    const met = logs.includes('ready');
    logs.write('stdout', Buffer.from('is ready now\n'));
    await expect(met).resolves.toBeUndefined();
    await expect(logs.includes('now')).resolves.toBeUndefined();
  });
});

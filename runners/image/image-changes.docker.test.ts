import { once } from 'node:events';
import { afterAll, expect, it } from 'vitest';
import { describeWithImage, docker, nodeImage } from '../testing/docker.ts';
import { watchImages } from './image-changes.ts';

const watched = `mcp-watched:${process.pid}`;
const other = `mcp-other:${process.pid}`;

describeWithImage(nodeImage, 'watching images', () => {
  afterAll(async () => {
    await docker('image', 'rm', '--force', watched, other);
  });

  it('notices that a name has another image, and ignores other images', async () => {
    await docker('tag', nodeImage, watched);
    const names: string[] = [];
    const changed = new EventTarget();
    await using _watcher = await watchImages({
      images: [watched],
      onChange: (name) => {
        names.push(name);
        changed.dispatchEvent(new Event('change'));
      },
      warn: (message) => expect.fail(message),
    });
    const change = once(changed, 'change');
    await docker('tag', nodeImage, other);
    // The same image again is no change.
    await docker('tag', nodeImage, watched);
    const container = await docker('create', nodeImage, 'true');
    try {
      await docker('commit', container, watched);
      await change;
    } finally {
      await docker('rm', container);
    }
    expect(names).toEqual([watched]);
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { holdSocket } from './held-socket.ts';
import { claimSocket, releaseSocket, type SocketClaim } from './socket-claim.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'held-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('keeps connections until there is somebody to take them, then passes each on', async () => {
  const path = join(folder, 's');
  let reached: () => void = () => {};
  const came = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const held = await holdSocket(path, (at, accept) =>
    claimSocket(at, (connection) => {
      accept(connection);
      reached();
    }),
  );
  const early = connect(path);
  await came;

  const taken: Socket[] = [];
  let second: () => void = () => {};
  const both = new Promise<void>((resolve) => {
    second = resolve;
  });
  held.handTo((connection) => {
    taken.push(connection);
    if (taken.length === 2) second();
  });
  expect(taken).toHaveLength(1);
  const late = connect(path);
  await both;

  for (const socket of [early, late, ...taken]) socket.destroy();
  await releaseSocket(held.claim);
});

it('is refused as a claim is', async () => {
  const other: SocketClaim = await claimSocket(join(folder, 's'), (connection) => connection.destroy());
  await expect(holdSocket(join(folder, 's'))).rejects.toMatchObject({ code: 'in_use' });
  await releaseSocket(other);
});

import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { deferred } from '../../client/testing/deferred.ts';
import { claimSocket, holdSocket, releaseSocket, type SocketClaim } from './socket-claim.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'held-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('keeps connections until a server accepts them', async () => {
  const path = join(folder, 's');
  const { promise: came, resolve: reached } = deferred();
  const held = await holdSocket(path, (at, accept) =>
    claimSocket(at, (connection) => {
      accept(connection);
      reached();
    }),
  );
  const early = connect(path);
  await came;

  const taken: Socket[] = [];
  const { promise: both, resolve: second } = deferred();
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

it('reports to the HTTP/2 server that a waiting connection has ended', async () => {
  const path = join(folder, 's');
  let came = deferred();
  const held = await holdSocket(path, (at, accept) =>
    claimSocket(at, (connection) => {
      accept(connection);
      came.resolve();
    }),
  );
  const connected = async () => {
    came = deferred();
    const connection = connect(path);
    await came.promise;
    return connection;
  };
  (await connected()).destroy();
  // By the time two more connections are open, a reader of the first one would have noticed its end.
  const others = [await connected(), await connected()];

  const server = createServer();
  const { promise: closed, resolve: close } = deferred();
  server.once('session', (session) => session.once('close', close));
  held.handTo((connection) => server.emit('connection', connection));
  await closed;

  for (const socket of others) socket.destroy();
  await releaseSocket(held.claim);
});

it('reports the same errors as claimSocket', async () => {
  const other: SocketClaim = await claimSocket(join(folder, 's'), (connection) => connection.destroy());
  await expect(holdSocket(join(folder, 's'))).rejects.toMatchObject({ code: 'in_use' });
  await releaseSocket(other);
});

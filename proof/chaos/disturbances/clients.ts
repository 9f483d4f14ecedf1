import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { McpClient } from '../callers/mcp-client.ts';
import type { Pair } from '../system/pair.ts';
import type { Disturbance } from './disturbance.ts';
import { pause } from './pause.ts';

const floodConnections = 400;
const slowReaders = 15;
const slowAnswerBytes = 4 * 2 ** 20;

/** Many connections send a part of a request, and then nothing. */
export const connectionFlood: Disturbance = {
  name: 'flood of connections',
  roles: ['gateway'],
  effects: { failsCalls: false },
  async run({ pair }, { random, signal }) {
    const sockets = Array.from({ length: floodConnections }, () => halfRequest(pair));
    try {
      await pause(random.whole(1_500, 3_500), signal);
    } finally {
      await Promise.all(sockets.map(destroyed));
    }
  },
};

function halfRequest({ port }: Pair): Socket {
  const socket = connect({ port, host: '127.0.0.1' });
  // The gateway may refuse the connection. The other callers check that it still serves them.
  socket.on('error', () => undefined);
  socket.write('POST /mcp HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-');
  return socket;
}

async function destroyed(socket: Socket): Promise<void> {
  if (socket.closed) return;
  const closed = once(socket, 'close');
  socket.destroy();
  await closed;
}

/** A caller requests large answers and does not read them. */
export const slowReader: Disturbance = {
  name: 'readers that do not read',
  roles: ['gateway'],
  effects: { failsCalls: false },
  async run({ pair }, { random, signal, token }) {
    using client = new McpClient({ url: pair.url, token });
    const opened = await client.open();
    if (opened.session === undefined) return;
    const requests = Array.from({ length: slowReaders }, () =>
      client.unread(opened.session ?? '', 'conformance_repeat', { size: slowAnswerBytes }),
    );
    await pause(random.whole(1_500, 3_500), signal);
    for (const request of requests) request.destroy();
    await client.close(opened.session);
  },
};

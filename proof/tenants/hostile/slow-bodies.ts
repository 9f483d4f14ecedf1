import { toBinary } from '@bufbuild/protobuf';
import { encodeLengthPrefixed } from '../../../base/length-prefix.ts';
import { toMcpRequest } from '../../../client/messages.ts';
import { Connection } from '../../../conformance/wire/connection.ts';
import { WireLog } from '../../../conformance/wire/wire-log.ts';
import { McpRequestSchema, rpcPath } from '../../../proto/index.ts';
import type { Attack } from './attack.ts';
import { repeat } from './repeat.ts';
import { toolCall } from './requests.ts';
import { tallyOf } from './tally.ts';

const name = 'slow bodies';
const connections = 4;
const callsPerConnection = 25;

/** Keeps calls open by sending their messages byte by byte. */
export const slowBodies: Attack = {
  name,
  async run(tenant, signal) {
    const tally = tallyOf(tenant.tallies, name);
    const authContext = { encoded: '', expiresAtEpochMs: 0n };
    const request = toolCall('conformance_echo', { text: 'x'.repeat(100_000) }, { id: 'none', authContext });
    const message = encodeLengthPrefixed(toBinary(McpRequestSchema, toMcpRequest('Invoke', request)));
    const opened = await Promise.all(
      Array.from({ length: connections }, (_, number) =>
        Connection.open({ address: tenant.address, name: `slow${number}`, log: new WireLog(), signal }),
      ),
    );
    try {
      const calls = opened.flatMap((connection) =>
        Array.from({ length: callsPerConnection }, () =>
          connection.call({ path: rpcPath('Invoke'), receiveLimit: 2 ** 20 }),
        ),
      );
      tally.sent += calls.length;
      await repeat(
        async (turn) => {
          for (const call of calls) call.sendBytes(message.subarray(turn, turn + 1));
        },
        { everyMs: 200, maxInFlight: 1, signal },
      );
      tally.cancelled += calls.length;
    } finally {
      for (const connection of opened) connection.destroy();
    }
  },
};

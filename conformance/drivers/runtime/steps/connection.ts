import type { Settings } from 'node:http2';
import { setTimeout as pause } from 'node:timers/promises';
import { parseDuration } from '../../../case/duration.ts';
import { StepFailure } from '../../../engine/failure.ts';
import type { FrameForms } from '../../../wire/reshaped-socket.ts';
import type { NamedConnection, StepContext } from '../step-context.ts';

type ConnectArgument = FrameForms & Readonly<{ connection: string; target?: string }>;
type PingArgument = NamedConnection & Readonly<{ times?: number; every?: string }>;
type SettingsArgument = NamedConnection & Readonly<{ values: Settings }>;

/** Steps that act on a connection instead of a call. */
export const connectionSteps = {
  /** Opens a connection whose frames have other permitted forms. */
  async connect({ resources }: StepContext, { connection, target, ...frames }: ConnectArgument) {
    await resources.connectWith(frames, connection, target);
  },

  /** Opens a connection that sends only these bytes. */
  async dial(
    { resources }: StepContext,
    { target, sends = '' }: Readonly<{ target?: string; sends?: string }>,
  ) {
    await resources.dial(Buffer.from(sends, 'latin1'), target);
  },

  /** Sends PINGs and waits for the acknowledgement of each one. */
  async ping(context: StepContext, { times = 1, every, ...named }: PingArgument) {
    const connection = await context.connection(named);
    const everyMs = every === undefined ? 0 : parseDuration(every);
    for (let sent = 1; sent <= times; sent += 1) {
      if (!(await connection.ping()))
        throw new StepFailure(`the connection ended instead of answering PING ${sent}`);
      if (sent < times) await pause(everyMs);
    }
    if (!connection.usable) throw new StepFailure(`the connection ended after ${times} PINGs`);
  },

  /** Changes the settings of the kit's side of a connection. */
  async settings(context: StepContext, { values, connection, target }: SettingsArgument) {
    const name = context.resolve<string | undefined>(connection);
    if (await context.resources.changeSettings(values, name, target)) return;
    throw new StepFailure('the connection ended instead of acknowledging the SETTINGS');
  },

  /** Destroys a connection. */
  async disconnect(context: StepContext, { connection }: Readonly<{ connection: string }>) {
    context.resources.disconnect(context.resolve(connection));
  },
};

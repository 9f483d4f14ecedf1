import type { Attack } from './attack.ts';
import { repeat } from './repeat.ts';
import { bare, request, toolCall } from './requests.ts';

const name = 'live streams';
const maxStreams = 200;
const uri = 'test://template/hostile/data';

/** Opens many live streams that are subscribed to one resource, and changes this resource again and again. */
export const liveStreams: Attack = {
  name,
  async run(tenant, signal) {
    const open = new Set<() => void>();
    const opened = new Set<string>();
    const openOne = async (turn: number): Promise<void> => {
      const session = tenant.session(turn);
      if (session === undefined || open.size >= maxStreams) return;
      if (!opened.has(session.id)) {
        opened.add(session.id);
        const subscribe = request('resources/subscribe', { uri }, session);
        await tenant.send(name, tenant.prepare('Invoke', subscribe)).ended;
        if (signal.aborted) return;
      }
      // A second stream of a session is refused.
      const { cancel, ended } = tenant.send(name, tenant.prepare('InvokeStream', bare(session)));
      open.add(cancel);
      void ended.then(() => open.delete(cancel));
    };
    const change = async (turn: number): Promise<void> => {
      const session = tenant.session(turn);
      if (session === undefined) return;
      await tenant.send(name, tenant.prepare('Invoke', toolCall('conformance_touch', { uri }, session)))
        .ended;
    };
    await Promise.all([
      repeat(openOne, { everyMs: 10, maxInFlight: 8, signal }),
      repeat(change, { everyMs: 500, maxInFlight: 2, signal }),
    ]);
    for (const cancel of [...open]) cancel();
  },
};

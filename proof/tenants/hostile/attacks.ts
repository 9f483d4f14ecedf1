import type { Attack } from './attack.ts';
import { cancels } from './cancels.ts';
import { expensiveMessages } from './expensive-messages.ts';
import { liveStreams } from './live-streams.ts';
import { identities, sessions } from './sessions.ts';
import { slowBodies } from './slow-bodies.ts';

/** All attacks. The hostile tenant runs them at the same time. */
export const attacks: readonly Attack[] = [
  sessions,
  identities,
  liveStreams,
  slowBodies,
  cancels,
  expensiveMessages,
];

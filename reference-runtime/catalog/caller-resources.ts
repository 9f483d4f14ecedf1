import type { CallerResource } from './catalog.ts';
import { whoAmI } from './contract-tools.ts';
import { askName, textOf } from './input-tools.ts';

/** The resources of the conformance catalog that only the sessionless era serves. */
export const callerResources: readonly CallerResource[] = [
  {
    resource: {
      uri: 'test://whoami',
      name: 'whoami',
      description: "The call's claims and scope",
      mimeType: 'application/json',
    },
    read: async (scope) => whoAmI(scope),
  },
  {
    resource: {
      uri: 'test://question',
      name: 'question',
      description: "Asks the user's name first",
      mimeType: 'text/plain',
    },
    read: async (_scope, round) => {
      const name = textOf(round, 'user_name', 'name');
      return name === undefined ? round.ask({ user_name: askName }) : `Hello, ${name}!`;
    },
  },
];

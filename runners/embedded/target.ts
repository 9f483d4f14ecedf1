import { startedAbilities, type TargetKind } from '../target-kind.ts';

/** The reference runtime of this package. */
export interface EmbeddedTarget {
  readonly kind: 'embedded';
  /** Default: `conformance`. */
  readonly catalog?: 'conformance' | 'empty';
}

export const embeddedTarget: TargetKind<EmbeddedTarget> = {
  name: 'embedded',
  flag: {
    name: 'embedded-catalog',
    placeholder: 'catalog',
    description: 'the catalog of the reference runtime',
    key: 'catalog',
    takes: ['conformance', 'empty'],
  },
  defaultValue: 'conformance',
  flags: [],
  takesArguments: false,
  abilities: startedAbilities,
  describe: ({ catalog }) => `embedded reference runtime${catalog === 'empty' ? ', empty catalog' : ''}`,
  start: async ({ catalog }, transport) =>
    (await import('./runner.ts')).createEmbeddedRunner({ catalog, transport }),
};

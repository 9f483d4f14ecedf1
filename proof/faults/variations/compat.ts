import { WireType } from '@bufbuild/protobuf/wire';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { variations } from '../../harness/fault.ts';
import { onEncodedFields } from '../changes/encoding.ts';
import { likeRelease10 } from '../changes/release-1-0.ts';

/** Fields that a later release could add. */
const laterFields = [
  { number: 1000, type: WireType.Varint, value: Uint8Array.of(0xff, 0x7f) },
  { number: 1001, type: WireType.LengthDelimited, value: Uint8Array.of(3, 0x08, 0xff, 0x7f) },
  { number: 1002, type: WireType.Bit32, value: Uint8Array.of(1, 2, 3, 4) },
  { number: 536_870_911, type: WireType.Bit64, value: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
];

/** Variations of compatibility with earlier releases. */
export const compatVariations = variations([
  {
    name: 'release-1-0',
    clause: 'COMPAT-1',
    about: 'The runtime declares no capabilities, like contract release 1.0',
    servesLess: true,
    hooks: likeRelease10,
  },
  {
    name: 'contract-1-1-alone',
    clause: 'COMPAT-1',
    about: 'The runtime serves release 1.1 of the contract without optional capabilities',
    servesLess: true,
    hooks: {
      ...likeRelease10,
      health: (state) => defaultHooks.health({ ...state, capabilities: ['contract-1.1'] }),
    },
  },
  {
    name: 'fields-of-a-later-release',
    clause: 'COMPAT-4',
    about: 'The runtime sends unknown fields of each wire type in its messages',
    hooks: onEncodedFields((fields) => [...laterFields, ...fields, ...laterFields]),
  },
]);

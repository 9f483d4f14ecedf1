import { connectionFlood, slowReader } from './clients.ts';
import { clockAhead, clockBackWhileAway, clockBehind } from './clocks.ts';
import type { Disturbance } from './disturbance.ts';
import { drain, kill, killAtOnce, socketRemoved, stop } from './ends.ts';
import { fewDescriptors, fullDisk, killedOnFullDisk } from './resources.ts';

/** All disturbances. */
export const disturbances: readonly Disturbance[] = [
  kill,
  killAtOnce,
  drain,
  stop,
  socketRemoved,
  fullDisk,
  killedOnFullDisk,
  fewDescriptors,
  clockAhead,
  clockBehind,
  clockBackWhileAway,
  connectionFlood,
  slowReader,
];

import { spawnSync } from 'node:child_process';
import { $ } from 'zx';
import { openDescriptors } from '../system/process-table.ts';
import type { Disturbance } from './disturbance.ts';
import { pause } from './pause.ts';

/** The disk of the socket, the temporary files and the audit log is full. Calls must not notice it. */
export const fullDisk: Disturbance = {
  name: 'disk full',
  roles: ['runtime'],
  effects: { failsCalls: false },
  impossible: ({ pair }) => pair.disk.unfillable,
  async run({ pair }, { random, signal }) {
    const free = await pair.disk.fill();
    try {
      await pause(random.whole(2_000, 4_000), signal);
    } finally {
      await free();
    }
  },
};

/** A runtime is killed while its disk is full, so that it may not be able to start. */
export const killedOnFullDisk: Disturbance = {
  name: 'killed while the disk is full',
  roles: ['runtime'],
  effects: { failsCalls: true },
  impossible: ({ pair }) => pair.disk.unfillable,
  async run({ pair }, { random, signal }) {
    const { runtime } = pair;
    const free = await pair.disk.fill();
    runtime.mayFailToStart = true;
    try {
      await runtime.end('SIGKILL', 0);
      await pause(random.whole(500, 2_000), signal);
    } finally {
      await free();
    }
    await runtime.ready();
    runtime.mayFailToStart = false;
  },
};

const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0;

/** A process can open only a few more descriptors. */
export const fewDescriptors: Disturbance = {
  name: 'descriptors used up',
  roles: ['gateway', 'runtime'],
  effects: { failsCalls: true },
  impossible: () =>
    hasPrlimit ? undefined : 'prlimit is not installed (on Debian: apt-get install util-linux)',
  async run({ pair, role }, { random, signal }) {
    const { pid } = pair.process(role);
    if (pid === undefined) return;
    const limit = openDescriptors(pid) + random.whole(0, 4);
    const before = await softLimit(pid);
    await limitDescriptors(pid, String(limit));
    try {
      await pause(random.whole(1_000, 3_000), signal);
    } finally {
      await limitDescriptors(pid, before);
    }
  },
};

const prlimit = $({ quiet: true, nothrow: true });

async function softLimit(pid: number): Promise<string> {
  return (await prlimit`prlimit --pid ${pid} --nofile --output SOFT --noheadings`).stdout.trim();
}

/** Changes the soft limit. Has no effect if the process has already ended. */
async function limitDescriptors(pid: number, soft: string): Promise<void> {
  await prlimit`prlimit --pid ${pid} --nofile=${soft}:`;
}

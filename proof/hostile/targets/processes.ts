import { spawn } from 'node:child_process';
import { renameSync, rmSync, symlinkSync } from 'node:fs';
import { flood } from '../flood.ts';
import type { HostileTargets } from '../hostile-target.ts';
import { answerInvoke, type Faults, type ServedCall, serve } from '../runtime.ts';

/** Runs an action at one `Invoke` call and answers the others. @param number position of the call, from 1 */
function atCall(number: number, action: (call: ServedCall) => void): Faults {
  let calls = 0;
  return {
    invoke: (call) => {
      calls += 1;
      if (calls === number) action(call);
      else answerInvoke(call);
    },
  };
}

/** Targets that exit, hang, leave child processes, or misuse their socket and output. */
export const processTargets: HostileTargets = {
  'exits-at-the-first-call': {
    about: 'exits at its first call',
    start: (path) => {
      serve(path, { calls: () => process.exit(9) });
    },
    exitCode: 1,
    reason: /the target exited \(exit code 9\)|the target exited 4 times|exited with exit code 9/,
    cases: ['calls/*', 'sessions/*'],
  },
  'exits-at-the-40th-call': {
    about: 'exits at its fortieth call',
    start: (path) => {
      serve(
        path,
        atCall(40, () => process.exit(0)),
      );
    },
    exitCode: 1,
    reason: /the target exited \(exit code 0\) while (?:this case|several cases) ran/,
  },
  'restarts-itself': {
    about: 'restarts itself at its twentieth call',
    start: (path) => {
      rmSync(path, { force: true });
      serve(
        path,
        atCall(20, () => {
          const [file = '', ...args] = [process.execPath, ...process.argv.slice(1)];
          spawn(file, args, { stdio: 'inherit' }).once('spawn', () => process.exit(0));
        }),
      );
    },
    exitCode: 1,
    reason: /the target exited \(exit code 0\) while (?:this case|several cases) ran/,
  },
  'ignores-sigterm': {
    about: 'ignores SIGTERM',
    start: (path) => {
      process.on('SIGTERM', () => process.stderr.write('no\n'));
      serve(path);
    },
    exitCode: 1,
    reason: /FAILED/,
    cases: ['calls/four-methods', 'lifecycle/from-start-to-end', 'lifecycle/calls-under-way-at-the-end'],
  },
  'leaves-a-child': {
    about: 'leaves a child process that ignores SIGTERM and keeps the output open',
    start: (path) => {
      serve(path);
      spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)'], {
        stdio: 'inherit',
      });
    },
    exitCode: 1,
    reason: /FAILED/,
    cases: ['calls/*'],
  },
  'leaves-a-child-in-another-group': {
    about: 'leaves a child process in another process group, which ignores SIGTERM and keeps the output open',
    start: (path) => {
      serve(path);
      spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)'], {
        stdio: 'inherit',
        detached: true,
      }).unref();
    },
    exitCode: 1,
    reason: /FAILED/,
    cases: ['calls/*'],
  },
  freezes: {
    about: 'stops its own process at the first call',
    start: (path) => {
      serve(path, { calls: () => process.kill(process.pid, 'SIGSTOP') });
    },
    exitCode: 1,
    reason: /the target no longer answered HealthCheck and was stopped|not finish within 2 s/,
    cases: ['sessions/close*', 'handshake/revision-*'],
  },
  'freezes-busy': {
    about: 'enters an endless loop at its tenth call',
    start: (path) => {
      serve(
        path,
        atCall(10, () => {
          for (;;) Math.random();
        }),
      );
    },
    exitCode: 1,
    reason: /not finish within 2 s/,
    cases: ['calls/*'],
  },
  'socket-behind-a-link': {
    about: 'replaces its socket with a symbolic link',
    start: (path) => {
      serve(path).once('listening', () => {
        renameSync(path, `${path}.real`);
        symlinkSync(`${path}.real`, path);
      });
    },
    exitCode: 1,
    reason: /FAILED/,
    cases: ['calls/*', 'lifecycle/*'],
  },
  'folder-behind-a-link': {
    about: 'replaces the folder of its socket with a link to an unrelated folder',
    start: (path) => {
      const folder = path.slice(0, path.lastIndexOf('/'));
      serve(
        path,
        atCall(3, (call) => {
          renameSync(folder, `${folder}.away`);
          symlinkSync(process.env['HOSTILE_BAIT'] ?? '', folder);
          answerInvoke(call);
        }),
      );
    },
    exitCode: 1,
    reason: /cannot connect to|failed/,
    cases: ['calls/*'],
  },
  'removes-its-socket': {
    about: 'removes its socket at its first call',
    start: (path) => {
      serve(path, {
        invoke: (call) => {
          rmSync(path, { force: true });
          answerInvoke(call);
        },
      });
    },
    exitCode: 1,
    reason: /cannot connect to/,
    cases: ['calls/*', 'sessions/*'],
  },
  'endless-logs': {
    about: 'floods stdout and stderr with lines',
    start: (path) => {
      serve(path);
      const lines = Buffer.from(`${'all work and no play '.repeat(5)}\n`.repeat(600));
      flood(process.stderr, lines);
      flood(process.stdout, lines);
    },
    exitCode: 1,
    reason: /FAILED/,
    cases: ['calls/*', 'sessions/*'],
  },
  'endless-line': {
    about: 'floods stderr with an endless line',
    start: (path) => {
      serve(path);
      flood(process.stderr, Buffer.alloc(1 << 16, 0x78));
    },
    exitCode: 1,
    reason: /FAILED/,
    cases: ['calls/*'],
  },
  litters: {
    about: 'leaves folders that nobody may access next to its socket',
    start: (path) => {
      const folder = path.slice(0, path.lastIndexOf('/'));
      spawn('/bin/sh', ['-c', 'mkdir -p a/b/c && touch a/b/c/d && chmod 000 a/b/c && chmod 500 a'], {
        cwd: folder,
      });
      serve(path);
    },
    exitCode: 1,
    reason: /FAILED/,
    cases: ['calls/*'],
  },
};

import { errorMessage } from '../../base/error-message.ts';
import { defaultHooks } from '../../reference-runtime/hooks.ts';
import type { RuntimeChange } from '../harness/fault.ts';
import { serveChanged } from '../harness/start-runtime.ts';
import { delayedCallsIn, delayMs } from './injections.ts';

// Program that serves the reference runtime with an injected delay or slowdown: `delay`, or `slow PERCENT`.
const [kind = '', percent = '0'] = process.argv.slice(2);

/** Delays the start of a few requests. The others are not affected. */
function delayed(): RuntimeChange {
  let requests = 0;
  return {
    hooks: {
      beginRequest: (session, call, exchange) => {
        requests += 1;
        if (requests % delayedCallsIn !== 0) return defaultHooks.beginRequest(session, call, exchange);
        let begun: ReturnType<typeof defaultHooks.beginRequest> | undefined;
        const timer = setTimeout(() => {
          begun = defaultHooks.beginRequest(session, call, exchange);
        }, delayMs);
        return {
          cancel: () => {
            clearTimeout(timer);
            begun?.cancel();
          },
          release: () => begun?.release(),
        };
      },
    },
  };
}

/** Uses a share of the processor time of the whole process once more, before each response. */
function slowed(share: number): RuntimeChange {
  const maxUs = 50_000;
  const usedUs = () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  };
  let last = usedUs();
  return {
    hooks: {
      responseOf: (answer) => {
        const now = usedUs();
        const until = now + Math.min(maxUs, (now - last) * share);
        while (usedUs() < until);
        last = usedUs();
        return defaultHooks.responseOf(answer);
      },
    },
  };
}

try {
  process.exit(await serveChanged(kind === 'delay' ? delayed() : slowed(Number(percent) / 100)));
} catch (error) {
  process.stderr.write(`${errorMessage(error)}\n`);
  process.exit(1);
}

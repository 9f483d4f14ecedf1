import { parentPort, workerData } from 'node:worker_threads';
import { errorMessage } from '../../../base/error-message.ts';
import { type AnswerMessage, type CommandMessage, counters, type ThreadData } from './commands.ts';
import { LoadEngine } from './engine.ts';

// The program of a thread that generates load. It executes the commands of the main thread.
const port = parentPort;
if (port === null) throw new Error('this program runs only as a worker thread');

const data: ThreadData = workerData;
const shared = new Int32Array(data.counters);
const stop = new AbortController();

const engine = new LoadEngine({
  ...data.settings,
  stop: stop.signal,
  onProgress: (isSuccess) => {
    Atomics.add(shared, isSuccess ? counters.operations : counters.errors, 1);
  },
});

port.on('message', (message: CommandMessage | 'stop') => {
  if (message === 'stop') {
    stop.abort();
    return;
  }
  void execute(message).then((answer) => port.postMessage(answer));
});

async function execute(message: CommandMessage): Promise<AnswerMessage> {
  const { id } = message;
  try {
    return { id, kind: 'result', result: await carryOut(message) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'internal';
    return { id, kind: 'error', message: errorMessage(error), code };
  }
}

async function carryOut(message: CommandMessage): Promise<unknown> {
  switch (message.name) {
    case 'open':
      return engine.open(...message.args);
    case 'ready':
      return engine.ready(...message.args);
    case 'slice':
      return engine.slice(...message.args);
    case 'release':
      return engine.release(...message.args);
    case 'close':
      return engine.close(...message.args);
  }
}

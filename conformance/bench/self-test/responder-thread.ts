import { parentPort, workerData } from 'node:worker_threads';
import { CannedResponder } from './canned-responder.ts';

// The program of the thread that answers in a self-test.
const { path }: { readonly path: string } = workerData;
await new CannedResponder().listen(path);
parentPort?.postMessage('listening');

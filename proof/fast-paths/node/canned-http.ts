import { createServer } from 'node:http';
import { cannedAnswer } from './canned-answers.ts';

// Sends the answers of `canned-grpc.ts` over HTTP/1.1. The first argument is the path of its socket.
const [path = ''] = process.argv.slice(2);

createServer({ keepAliveTimeout: 0 }, (incoming, outgoing) => {
  const pieces: Buffer[] = [];
  incoming.on('data', (piece: Buffer) => pieces.push(piece));
  incoming.on('end', () => {
    const isStreamed = incoming.headers.accept?.includes('text/event-stream') === true;
    const { status, headers, body } = cannedAnswer(Buffer.concat(pieces), isStreamed);
    outgoing.writeHead(status, { ...headers, 'content-length': body.length }).end(body);
  });
}).listen(path, () => process.stdout.write('ready\n'));

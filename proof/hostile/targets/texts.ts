import type { HostileTargets } from '../hostile-target.ts';
import {
  answer,
  answerHealth,
  begin,
  chunkBytes,
  fail,
  idOf,
  methodOf,
  type ServedCall,
  serve,
} from '../runtime.ts';

/** Occurs in every hostile text, and nowhere else. */
export const poisonMark = 'zqPOISONqz';

/** Markup, commands and deceptive characters for every format and reader of a report. */
export const poison = [
  poisonMark,
  '<script>alert(1)</script>',
  '</script><img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  "' onmouseover='alert(1)",
  '</title></style></textarea>-->]]>',
  '\x1b[2J\x1b[1;1H\x1b]0;owned\x07\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\',
  '\x9b31m\u0085',
  '\u202eevil\u2066\u2069\u061c',
  'zero\u200bwidth\u200d\u2060\ufeff\u00ad\u{e0041}',
  '\r\n::error::owned\n::set-env name=PATH::owned\n::add-mask::a\n::stop-commands::owned\n',
  '##[error]owned ##[add-mask]a ##vso[task.setvariable variable=a]b',
  "##teamcity[buildProblem description='owned']",
  '\nsection_start:1:owned[collapsed=true]\r\x1b[0Kowned',
  '\n``````\n~~~\n# owned\n- owned\n',
  '[owned](javascript:alert(1)) ![owned](https://evil.example/a.png)',
  'https://evil.example/ www.evil.example GH-1 #1 @everyone <!-- mcp-runtime-conformance: kit -->',
  '| owned | owned |',
  '& &lt;b&gt; $a$ $(owned) `owned`',
].join(' ');

const log = (): void => {
  process.stdout.write(`${poison}\n`);
  process.stderr.write(`${poison}\n`);
};

/** Answers each method with hostile texts. @param bulk added to some of them */
function respond(call: ServedCall, bulk: string): void {
  log();
  const id = idOf(call);
  const send = (message: object, headers: Readonly<Record<string, string>> = {}): void => {
    const parts = JSON.stringify(message).slice(1);
    const body = Buffer.from(`{"jsonrpc":"2.0","id":${id},${parts}`);
    answer(call, { status: 200, headers: { 'content-type': 'application/json', ...headers }, body });
  };
  const large = `${poison}${bulk}`;
  switch (methodOf(call)) {
    case 'initialize': {
      const serverInfo = { name: large, version: poison, title: poison };
      const capabilities = { tools: {}, prompts: {}, [poison]: {} };
      send(
        { result: { protocolVersion: '2025-11-25', capabilities, serverInfo, instructions: poison } },
        { 'mcp-session-id': 'session-of-a-hostile-target' },
      );
      return;
    }
    case 'tools/list':
      send({
        result: {
          tools: [
            { name: 'echo', title: poison, description: large, inputSchema: { type: 'object' } },
            { name: poison, description: poison, inputSchema: { type: 'object', [poison]: poison } },
          ],
        },
      });
      return;
    case 'tools/call':
      send({ result: { content: [{ type: 'text', text: large }], isError: true, [poison]: poison } });
      return;
    case 'prompts/list':
      fail(call, { 'grpc-status': '13', 'grpc-message': encodeURIComponent(poison) });
      return;
    case undefined:
    case 'notifications/initialized':
      answer(call, { status: 202 });
      return;
    default:
      send({ error: { code: -32603, message: poison, data: large } });
  }
}

/** Serves hostile texts. @param bulk added to some of them */
function serveTexts(path: string, bulk: string): void {
  log();
  serve(path, {
    health: (call) => answerHealth(call, { mode: poison, version: poison, capabilities: [poison, 'resume'] }),
    invoke: (call) => respond(call, bulk),
    invokeStream: (call) => {
      begin(call);
      const event = `event: ${poison}\nid: ${poison}\ndata: ${poison}\n\n`;
      call.stream.write(chunkBytes({ data: Buffer.from(event) }));
      call.stream.end();
    },
  });
}

/** Targets that attack the readers of reports with their texts. */
export const textTargets: HostileTargets = {
  'markup-and-commands': {
    about: 'sends markup, terminal sequences and CI commands in every name, answer and log line',
    start: (path) => serveTexts(path, ''),
    exitCode: 1,
    reason: /cases failed/,
    cases: ['handshake/*', 'calls/*', 'health/*', 'mcp-tools/*', 'json-rpc/id-*', 'streams/*', 'lists/*'],
  },
  'texts-of-5-mb': {
    about: 'sends 5 MB of text with markup in names, answers and errors',
    start: (path) => serveTexts(path, 'x'.repeat(5 << 20)),
    exitCode: 1,
    reason: /cases? failed/,
    cases: ['json-rpc/id-string', 'mcp-tools/list', 'mcp-ping/*'],
  },
};

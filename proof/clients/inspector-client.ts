import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withDeadline } from '../../base/deadline.ts';
import { isObject } from '../../base/is-object.ts';
import { inspector, provideProgram } from '../official/npm-program.ts';
import { type Era, type RealClient, revisions } from './real-client.ts';
import { expectSame, expectSoon, runSteps, type Steps, UnexpectedEffectError } from './steps.ts';

const commandMs = 15_000;
const watched = 'test://watched-resource';

/**
 * The connection CLI of the MCP Inspector. Its daemon holds the connection, and each command is a process.
 * @param cache installation folder, created if missing
 * @throws Error if the Inspector cannot be installed
 */
export async function inspectorClient(cache: string): Promise<RealClient> {
  const cli = { ...inspector, entry: 'clients/mcpdo/build/mcp-bin.js' };
  const program = await provideProgram(cli, cache);
  return {
    name: `${inspector.name} ${inspector.version}`,
    async check(url, era) {
      // The Inspector writes to the home folder, and the path of its socket must be short.
      const home = await mkdtemp(join(tmpdir(), 'mcpdo-'));
      const connection = new Connection(program, url, home);
      // The daemon runs the commands of a connection one after the other, and names a connection by its URL.
      const observer = new Connection(program, `${url}?observer`, home);
      try {
        return await runSteps(stepsOf(connection, era, observer));
      } finally {
        await connection.run('daemon', 'stop');
        await rm(home, { recursive: true, force: true, maxRetries: 5 });
      }
    },
  };
}

function stepsOf(connection: Connection, era: Era, observer: Connection): Steps {
  const tools = async () => {
    const { tools: listed } = await connection.run('tools/list');
    const isEcho = (tool: unknown) => isObject(tool) && tool['name'] === 'conformance_echo';
    expectSame('the listed tools with this name', Array.isArray(listed) && listed.filter(isEcho).length, 1);
    expectSame('the echo', await connection.call('conformance_echo', 'text:=grüße'), 'grüße');
  };
  const progress = async () => {
    // The CLI prints no progress, but the result of the tool shows that the token has arrived.
    const words = ['--tool-metadata', 'progressToken=inspector'];
    expectSame('the token', await connection.call('test_tool_with_progress', ...words), 'inspector');
  };
  if (era === 'legacy') {
    return { fallback: () => connection.open('legacy'), tools, progress };
  }
  return {
    discover: () => connection.open('modern'),
    tools: async () => {
      await tools();
      const region = await connection.call('test_x_mcp_header', 'region:=é');
      expectSame('the argument that a header field repeats', region, 'é');
    },
    progress,
    input: async () => {
      const question = await connection.run('tools/call', 'test_input_required_result_elicitation');
      const { elicitationPending: pending } = question;
      if (!isObject(pending)) throw new UnexpectedEffectError(`no question: ${JSON.stringify(question)}`);
      const answer = await connection.run(
        'elicitation/respond',
        String(pending['elicitationId']),
        'name:=Ann',
      );
      expectSame('the result', textOf(answer), 'Hello, Ann!');
    },
    subscription: async () => {
      await using subscription = connection.start('resources/subscribe', watched);
      await subscription.printed('"subscribed"');
      expectSame('the change', await connection.call('conformance_touch', `uri:=${watched}`), 'touched');
      await subscription.printed('"resources/updated"');
    },
    cancellation: async () => {
      const key = 'key:=inspector';
      await observer.open('modern');
      const state = () => observer.call('conformance_state', key);
      await using wait = connection.start('tools/call', 'conformance_wait', key);
      await expectSoon('the state of the tool before the cancellation', state, 'running');
      // An interrupted command leaves its request to the daemon, but a closed connection cancels it.
      await connection.run('disconnect');
      await wait.printed('"error"');
      await expectSoon('the state of the tool after the cancellation', state, 'cancelled');
    },
  };
}

/** A connection that the daemon of the Inspector holds. */
class Connection {
  readonly #program: { readonly node: string; readonly entry: string };
  readonly #url: string;
  readonly #environment: NodeJS.ProcessEnv;

  constructor(program: { readonly node: string; readonly entry: string }, url: string, home: string) {
    this.#program = program;
    this.#url = url;
    this.#environment = {
      ...process.env,
      HOME: home,
      MCP_INSPECTOR_DAEMON_DIR: join(home, 'd'),
      MCP_INSPECTOR_DAEMON_TOKEN: 'proof',
      MCP_INSPECTOR_SECRET_STORE: 'file',
    };
  }

  async open(era: Era): Promise<void> {
    await this.run('connect', this.#url, '--transport', 'http', '--era', 'auto');
    const { protocolEra, protocolVersion } = await this.run('connections/show');
    expectSame('the era and revision', [protocolEra, protocolVersion], [era, revisions[era]]);
  }

  /** Runs a command. Returns the object that it prints. @throws UnexpectedEffectError if it fails */
  async run(...words: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
    await using command = this.start(...words);
    const output = await command.ended();
    try {
      const value: unknown = JSON.parse(output);
      if (isObject(value)) return value;
    } catch {
      // The error below shows the output.
    }
    throw new UnexpectedEffectError(`${words.join(' ')}: ${output.trim().slice(-300)}`);
  }

  /** Calls a tool. Returns the text of its result. @throws UnexpectedEffectError for any other result */
  async call(tool: string, ...words: readonly string[]): Promise<string> {
    return textOf(await this.run('tools/call', tool, ...words));
  }

  /** Starts a command. */
  start(...words: readonly string[]): Command {
    const { node, entry } = this.#program;
    const common = [entry, '--format', 'json'];
    const isForConnection = !['connect', 'daemon'].includes(words[0] ?? '');
    const named = isForConnection ? ['--connection', this.#url] : [];
    return new Command(spawn(node, [...common, ...named, ...words], { env: this.#environment }));
  }
}

/** A running command of the Inspector. */
class Command implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #closed: Promise<void>;
  #hasClosed = false;
  #output = '';
  #errors = '';

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#closed = once(child, 'close').then(() => {
      this.#hasClosed = true;
    });
    child.stdin?.end();
    child.stdout?.on('data', (bytes: Buffer) => {
      this.#output += bytes.toString();
    });
    child.stderr?.on('data', (bytes: Buffer) => {
      this.#errors += bytes.toString();
    });
  }

  /** Waits for the command to end. Returns its output, or its errors if it failed. */
  async ended(): Promise<string> {
    await withDeadline(this.#closed, commandMs, 'the command of the Inspector');
    return this.#child.exitCode === 0 ? this.#output : this.#errors;
  }

  /** Waits until the command has printed a text, on stdout or stderr. */
  async printed(text: string): Promise<void> {
    const hasPrinted = () => (this.#output + this.#errors).includes(text);
    const arrival = (async () => {
      while (!hasPrinted() && !this.#hasClosed) {
        await Promise.race([
          once(this.#child.stdout ?? this.#child, 'data'),
          once(this.#child.stderr ?? this.#child, 'data'),
          this.#closed,
        ]);
      }
    })();
    await withDeadline(arrival, commandMs, `the output ${text}`);
    if (!hasPrinted()) {
      throw new UnexpectedEffectError(
        `the command ended without the output ${text}: ${this.#errors.slice(-300)}`,
      );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasClosed) this.#child.kill('SIGKILL');
    await this.#closed;
  }
}

/** Returns the text of a tool result. @throws UnexpectedEffectError if it has none */
function textOf(result: Readonly<Record<string, unknown>>): string {
  const { content } = result;
  const block: unknown = Array.isArray(content) ? content[0] : undefined;
  if (!isObject(block) || typeof block['text'] !== 'string') {
    throw new UnexpectedEffectError(`the result has no text: ${JSON.stringify(result).slice(0, 300)}`);
  }
  return block['text'];
}

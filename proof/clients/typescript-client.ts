import {
  Client,
  type ElicitRequest,
  type Notification,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { type RealClient, revisions } from './real-client.ts';
import { expectSame, expectSoon, runSteps, type Steps, UnexpectedEffectError } from './steps.ts';

type CallOptions = Parameters<Client['callTool']>[1];

const watched = 'test://watched-resource';
const observedMethods = [
  'notifications/message',
  'notifications/tools/list_changed',
  'notifications/prompts/list_changed',
  'notifications/resources/updated',
] as const;

/**
 * The official TypeScript client, in this process.
 * @param version its version, for the report
 */
export function typescriptClient(version: string): RealClient {
  return {
    name: `@modelcontextprotocol/client ${version}`,
    async check(url, era) {
      await using observed = new ObservedClient(url);
      return runSteps(era === 'modern' ? modernSteps(observed) : legacySteps(observed, url));
    },
  };
}

function modernSteps(observed: ObservedClient): Steps {
  const { client } = observed;
  return {
    discover: async () => {
      await observed.connect('auto');
      expectSame('the revision', client.getNegotiatedProtocolVersion(), revisions.modern);
      expectSame('the capability of tools', client.getServerCapabilities()?.tools, { listChanged: true });
    },
    tools: async () => {
      await observed.expectTool('conformance_echo');
      expectSame('the echo', await observed.call('conformance_echo', { text: 'grüße' }), 'grüße');
      const region = await observed.call('test_x_mcp_header', { region: 'é' });
      expectSame('the argument that a header field repeats', region, 'é');
    },
    progress: () => observed.expectProgress(),
    input: async () => {
      expectSame('the result', await observed.call('test_input_required_result_elicitation'), 'Hello, Ann!');
      const last = await observed.call('test_input_required_result_multi_round');
      expectSame('the start of the result after two questions', last.slice(0, 3), 'Ann');
      await observed.call('test_input_required_result_multiple_inputs');
      const asked = ['elicitation', 'elicitation', 'elicitation', 'elicitation', 'roots', 'sampling'];
      expectSame('the questions', observed.asked.toSorted(), asked);
    },
    logging: async () => {
      const _meta = { 'io.modelcontextprotocol/logLevel': 'critical' };
      await client.callTool({ name: 'test_logging_tool', arguments: {}, _meta });
      const levels = observed.take('notifications/message').map(({ params }) => params?.['level']);
      expectSame('the levels of the log messages', levels, ['critical', 'alert', 'emergency']);
    },
    subscription: async () => {
      const filter = { promptsListChanged: true, resourceSubscriptions: [watched] };
      const subscription = await client.listen(filter);
      expectSame('the accepted filter', subscription.honoredFilter, filter);
      // The subscription asks for the second and the third change.
      await observed.call('test_trigger_tool_change');
      await observed.call('test_trigger_prompt_change');
      await observed.call('conformance_touch', { uri: watched });
      await observed.received('notifications/resources/updated');
      const changes = observed.take().map(({ method }) => method);
      expectSame('the changes', changes, [
        'notifications/prompts/list_changed',
        'notifications/resources/updated',
      ]);
      await subscription.close();
      expectSame('the end of the subscription', await subscription.closed, 'local');
    },
    cancellation: async () => {
      const key = 'typescript client';
      const state = () => observed.call('conformance_state', { key });
      const cancellation = new AbortController();
      const wait = observed.call('conformance_wait', { key }, { signal: cancellation.signal });
      const outcome = wait.then(
        (text) => `the result ${text}`,
        () => 'rejected',
      );
      await expectSoon('the state of the tool before the cancellation', state, 'running');
      cancellation.abort();
      expectSame('the call', await outcome, 'rejected');
      await expectSoon('the state of the tool after the cancellation', state, 'cancelled');
    },
  };
}

function legacySteps(observed: ObservedClient, url: string): Steps {
  return {
    fallback: async () => {
      await observed.connect('auto');
      expectSame('the revision', observed.client.getNegotiatedProtocolVersion(), revisions.legacy);
    },
    tools: async () => {
      await observed.expectTool('conformance_echo');
      expectSame('the echo', await observed.call('conformance_echo', { text: 'grüße' }), 'grüße');
    },
    progress: () => observed.expectProgress(),
    refusal: async () => {
      await using insistent = new ObservedClient(url);
      const outcome = await insistent.connect({ pin: revisions.modern }).then(
        () => 'connected',
        (error: Error) => error.name,
      );
      expectSame('the outcome for a client of the new revision only', outcome, 'SdkError');
    },
  };
}

/** A client that records the questions and notifications of the server. It answers every question. */
class ObservedClient implements AsyncDisposable {
  readonly client = new Client(
    { name: 'mcp-runtime-conformance', version: '1' },
    { capabilities: { elicitation: {}, sampling: {}, roots: {} } },
  );
  /** The kinds of the questions so far. */
  readonly asked: string[] = [];
  readonly #url: string;
  #notifications: Notification[] = [];
  /** Called when a notification has arrived. */
  #arrived: () => void = () => undefined;

  constructor(url: string) {
    this.#url = url;
    this.client.setRequestHandler('elicitation/create', ({ params }: ElicitRequest) => {
      this.asked.push('elicitation');
      const fields = 'requestedSchema' in params ? Object.keys(params.requestedSchema.properties) : [];
      return { action: 'accept', content: Object.fromEntries(fields.map((field) => [field, 'Ann'])) };
    });
    this.client.setRequestHandler('sampling/createMessage', () => {
      this.asked.push('sampling');
      return { model: 'none', role: 'assistant', content: { type: 'text', text: 'Hello' } };
    });
    this.client.setRequestHandler('roots/list', () => {
      this.asked.push('roots');
      return { roots: [{ uri: 'file:///work' }] };
    });
    for (const method of observedMethods) {
      this.client.setNotificationHandler(method, (notification) => {
        this.#notifications.push(notification);
        this.#arrived();
      });
    }
  }

  async connect(mode: 'auto' | { pin: string }): Promise<void> {
    this.client.setVersionNegotiation({ mode });
    await this.client.connect(new StreamableHTTPClientTransport(new URL(this.#url)));
  }

  /** Calls a tool, and returns the text of its result. @throws UnexpectedEffectError for any other result */
  async call(name: string, args: Record<string, unknown> = {}, options?: CallOptions): Promise<string> {
    const { content, isError } = await this.client.callTool({ name, arguments: args }, options);
    const [block] = content;
    if (isError === true || block?.type !== 'text') {
      throw new UnexpectedEffectError(`${name} gave the result ${JSON.stringify(content).slice(0, 300)}`);
    }
    return block.text;
  }

  async expectTool(name: string): Promise<void> {
    const { tools } = await this.client.listTools();
    expectSame('the listed tools with this name', tools.filter((tool) => tool.name === name).length, 1);
  }

  async expectProgress(): Promise<void> {
    const steps: (number | undefined)[] = [];
    await this.call('test_tool_with_progress', {}, { onprogress: ({ progress }) => steps.push(progress) });
    expectSame('the progress', steps, [0, 50, 100]);
  }

  /** Waits for a notification. */
  async received(method: string): Promise<void> {
    while (!this.#notifications.some((each) => each.method === method)) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
  }

  /** Returns and forgets the notifications so far. */
  take(method?: string): readonly Notification[] {
    const taken = this.#notifications;
    this.#notifications = [];
    return method === undefined ? taken : taken.filter((each) => each.method === method);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.client.close();
  }
}

import type {
  CreateMessageRequest,
  ElicitRequestFormParams,
  InputRequest,
} from '@modelcontextprotocol/server';
import { textResult, tool } from './building-blocks.ts';
import { type ModernRound, type ToolContext, type ToolEntry, ToolFailure } from './catalog.ts';

type Schema = ElicitRequestFormParams['requestedSchema'];

/** Returns a question to the user that asks for one text. */
export function textQuestion(message: string, property: string): InputRequest {
  const requestedSchema: Schema = {
    type: 'object',
    properties: { [property]: { type: 'string' } },
    required: [property],
  };
  return { method: 'elicitation/create', params: { mode: 'form', message, requestedSchema } };
}

function modelQuestion(text: string): InputRequest {
  const params: CreateMessageRequest['params'] = {
    messages: [{ role: 'user', content: { type: 'text', text } }],
    maxTokens: 100,
  };
  return { method: 'sampling/createMessage', params };
}

const rootsQuestion: InputRequest = { method: 'roots/list' };

/** Creates a tool of the sessionless era. */
function modernTool(
  name: string,
  description: string,
  call: (round: ModernRound, context: ToolContext) => ReturnType<ToolEntry['call']>,
): ToolEntry {
  return {
    ...tool(name, description, {}, async (_args, context) => {
      if (context.round === undefined) throw new ToolFailure('The tool needs a revision without sessions');
      return call(context.round, context);
    }),
    era: 'modern',
  };
}

/** Returns the accepted content of a form, or undefined. A declined or cancelled form ends the tool. */
function formOf(round: ModernRound, key: string): Readonly<Record<string, unknown>> | undefined {
  const answer = round.response(key);
  if (answer.kind !== 'elicit') return undefined;
  if (answer.action !== 'accept') throw new ToolFailure(`The user did not answer: ${answer.action}`);
  return answer.content;
}

/** Returns a text of an accepted form, or undefined. */
export function textOf(round: ModernRound, key: string, property: string): string | undefined {
  const value = formOf(round, key)?.[property];
  return typeof value === 'string' ? value : undefined;
}

function stepOf(round: ModernRound): unknown {
  return Object(round.state)['step'];
}

const levels = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const;

/** Sends a log message of each level, from the lowest to the highest. */
export async function sendLogOfEachLevel(
  { log }: ToolContext,
  on: 'request' | 'live' = 'request',
): Promise<void> {
  for (const level of levels) await log(on, { level, data: `A message of level ${level}` });
}

/** The lifetime of the state of test_input_required_result_brief_state, in milliseconds. */
const briefStateMs = 1000;

/** The question for the user's name. */
export const askName = textQuestion('What is your name?', 'name');

/** Tools of the official scenarios for MCP 2026-07-28, which ask the caller for input by their result. */
export const inputTools: readonly ToolEntry[] = [
  modernTool('test_input_required_result_elicitation', "Asks the user's name", async (round) => {
    const name = textOf(round, 'user_name', 'name');
    if (name !== undefined) return textResult(`Hello, ${name}!`);
    return round.ask({ user_name: askName });
  }),
  modernTool('test_input_required_result_sampling', "Asks the caller's model", async (round) => {
    const answer = round.response('capital_question');
    if (answer.kind !== 'sampling') {
      return round.ask({ capital_question: modelQuestion('What is the capital of France?') });
    }
    return textResult(`Model response: ${JSON.stringify(answer.result.content)}`);
  }),
  modernTool('test_input_required_result_list_roots', 'Asks for the roots of the caller', async (round) => {
    const answer = round.response('client_roots');
    if (answer.kind !== 'roots') return round.ask({ client_roots: rootsQuestion });
    return textResult(`Roots: ${answer.roots.map(({ uri }) => uri).join(', ')}`);
  }),
  modernTool(
    'test_input_required_result_request_state',
    'Asks for a confirmation, with state',
    async (round) => {
      const confirmed = formOf(round, 'confirm') !== undefined && stepOf(round) === 'confirm';
      if (confirmed) return textResult('state-ok: the state is valid');
      return round.ask({ confirm: textQuestion('Please confirm', 'ok') }, { step: 'confirm' });
    },
  ),
  modernTool(
    'test_input_required_result_multiple_inputs',
    'Asks the user, the model and for roots at once, with state',
    async (round) => {
      const name = textOf(round, 'user_name', 'name');
      const greeting = round.response('greeting');
      const roots = round.response('client_roots');
      if (name === undefined || greeting.kind !== 'sampling' || roots.kind !== 'roots') {
        const questions = {
          user_name: askName,
          greeting: modelQuestion('Write a greeting'),
          client_roots: rootsQuestion,
        };
        return round.ask(questions, { step: 'inputs' });
      }
      return textResult(`${name}, ${roots.roots.length} roots, ${JSON.stringify(greeting.result.content)}`);
    },
  ),
  modernTool(
    'test_input_required_result_multi_round',
    'Asks twice, each time with other state',
    async (round) => {
      const name = textOf(round, 'step1', 'name');
      const { step, name: earlier } = Object(round.state);
      const preference = step === 2 ? formOf(round, 'step2') : undefined;
      if (preference !== undefined) return textResult(`${String(earlier)}: ${JSON.stringify(preference)}`);
      if (step === 1 && name !== undefined) {
        return round.ask(
          { step2: textQuestion('What is your favourite colour?', 'colour') },
          { step: 2, name },
        );
      }
      return round.ask({ step1: textQuestion('What is your name?', 'name') }, { step: 1 });
    },
  ),
  modernTool('test_input_required_result_tampered_state', 'Refuses altered state', async (round) => {
    const confirmed = formOf(round, 'confirm') !== undefined && stepOf(round) === 'confirm';
    if (confirmed) return textResult('The state was not altered');
    return round.ask({ confirm: textQuestion('Please confirm', 'ok') }, { step: 'confirm' });
  }),
  modernTool(
    'test_input_required_result_brief_state',
    'Asks for a confirmation within a second',
    async (round) => {
      const confirmed = formOf(round, 'confirm') !== undefined && stepOf(round) === 'confirm';
      if (confirmed) return textResult('The state was valid');
      return round.ask({ confirm: textQuestion('Please confirm', 'ok') }, { step: 'confirm' }, briefStateMs);
    },
  ),
  modernTool(
    'test_input_required_result_capabilities',
    'Asks only by means that the request declares',
    async (round) => {
      const { sampling, elicitation } = round.capabilities;
      if (round.response('model').kind === 'sampling' || formOf(round, 'user') !== undefined) {
        return textResult('Answered');
      }
      const questions = {
        ...(sampling && { model: modelQuestion('What is the capital of France?') }),
        ...(elicitation && { user: askName }),
      };
      if (Object.keys(questions).length === 0) return textResult('The request declares no way to ask');
      return round.ask(questions);
    },
  ),
  modernTool('test_missing_capability', 'Needs the capability sampling', async (round) => {
    round.require({ sampling: {} });
    return textResult('The request declares sampling');
  }),
  modernTool('test_streaming_elicitation', 'Reports progress, then asks the user', async (round, context) => {
    const name = textOf(round, 'user_name', 'name');
    if (name !== undefined) return textResult(`Hello, ${name}!`);
    await context.progress(1, 2, 'The question follows');
    return round.ask({ user_name: askName });
  }),
  modernTool('test_logging_tool', 'Sends a log message of each level', async (_round, context) => {
    await sendLogOfEachLevel(context);
    return textResult('Logged');
  }),
  ...(['tool', 'prompt', 'resource'] as const).map((item) =>
    modernTool(
      `test_trigger_${item}_change`,
      `Announces that the list of ${item}s has changed`,
      async (round) => {
        round.announce(`${item}s`);
        return textResult('Announced');
      },
    ),
  ),
  {
    tool: {
      name: 'test_x_mcp_header',
      description: 'Returns a text that the header field mcp-param-region repeats',
      inputSchema: {
        type: 'object',
        properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
        additionalProperties: false,
      },
    },
    era: 'modern',
    call: async ({ region = 'none' }) => textResult(String(region)),
  },
];

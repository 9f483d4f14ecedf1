import { setTimeout as delay } from 'node:timers/promises';
import type { ElicitRequestFormParams, ElicitResult } from '@modelcontextprotocol/server';
import { textResult, tool } from './building-blocks.ts';
import type { ToolEntry } from './catalog.ts';

type ElicitParams = Omit<ElicitRequestFormParams, 'mode'>;

const stepMs = 50;
const retryMs = 500;

const statuses = ['active', 'inactive', 'pending'];

const defaultsForm: ElicitParams = {
  message: 'Please review and update the form fields with defaults',
  requestedSchema: {
    type: 'object',
    properties: {
      name: { type: 'string', description: 'User name', default: 'John Doe' },
      age: { type: 'integer', description: 'User age', default: 30 },
      score: { type: 'number', description: 'User score', default: 95.5 },
      status: { type: 'string', description: 'User status', enum: statuses, default: 'active' },
      verified: { type: 'boolean', description: 'Verification status', default: true },
    },
    required: [],
  },
};

const titled = (kind: string) =>
  ['First', 'Second', 'Third'].map((title, at) => ({ const: `value${at + 1}`, title: `${title} ${kind}` }));
const options = ['option1', 'option2', 'option3'];
const multi = { type: 'array', minItems: 1, maxItems: 3 } as const;

const enumsForm: ElicitParams = {
  message: 'Please select options from the enum fields',
  requestedSchema: {
    type: 'object',
    properties: {
      untitledSingle: { type: 'string', description: 'Select one option', enum: options },
      titledSingle: { type: 'string', description: 'Select one option with titles', oneOf: titled('Option') },
      legacyEnum: {
        type: 'string',
        description: 'Select one option (legacy)',
        enum: ['opt1', 'opt2', 'opt3'],
        enumNames: ['Option One', 'Option Two', 'Option Three'],
      },
      untitledMulti: {
        ...multi,
        description: 'Select multiple options',
        items: { type: 'string', enum: options },
      },
      titledMulti: {
        ...multi,
        description: 'Select multiple options with titles',
        items: { anyOf: titled('Choice') },
      },
    },
    required: [],
  },
};

function describeAnswer({ action, content }: ElicitResult): string {
  return `action=${action}, content=${JSON.stringify(content ?? {})}`;
}

function formTool(name: string, description: string, form: ElicitParams): ToolEntry {
  return tool(name, description, {}, async (_args, context) =>
    textResult(`Elicitation completed: ${describeAnswer(await context.elicit(form))}`),
  );
}

/** Calls `act` for each step, 50 ms apart. */
async function inSteps<T>(signal: AbortSignal, steps: readonly T[], act: (step: T) => Promise<void>) {
  for (const [at, step] of steps.entries()) {
    if (at > 0) await delay(stepMs, undefined, { signal });
    await act(step);
  }
}

const logged = ['Tool execution started', 'Tool processing data', 'Tool execution completed'];

const entries: readonly ToolEntry[] = [
  tool('test_tool_with_logging', 'Sends three log messages, 50 ms apart', {}, async (_args, context) => {
    await inSteps(context.signal, logged, (data) => context.log('request', { level: 'info', data }));
    return textResult('Tool with logging executed successfully');
  }),
  tool(
    'test_tool_with_progress',
    'Reports progress 0, 50 and 100 of 100, 50 ms apart',
    {},
    async (_args, context) => {
      await inSteps(context.signal, [0, 50, 100], (done) =>
        context.progress(done, 100, `Completed step ${done} of 100`),
      );
      return textResult(context.progressToken ?? 'No progress token');
    },
  ),
  tool(
    'test_sampling',
    "Asks the caller's model",
    { prompt: { type: 'string', description: 'The prompt for the model' } },
    async ({ prompt }, context) => {
      const { content } = await context.sample({
        messages: [{ role: 'user', content: { type: 'text', text: String(prompt) } }],
        maxTokens: 100,
      });
      return textResult(`LLM response: ${content.type === 'text' ? content.text : 'No response'}`);
    },
  ),
  tool(
    'test_elicitation',
    "Asks the caller's user for one text",
    { message: { type: 'string', description: 'The message for the user' } },
    async ({ message }, context) => {
      const answer = await context.elicit({
        message: String(message),
        requestedSchema: {
          type: 'object',
          properties: { response: { type: 'string', description: "User's response" } },
          required: ['response'],
        },
      });
      return textResult(`User response: ${describeAnswer(answer)}`);
    },
  ),
  formTool(
    'test_elicitation_sep1034_defaults',
    'Asks for a form whose fields have default values (SEP-1034)',
    defaultsForm,
  ),
  formTool(
    'test_elicitation_sep1330_enums',
    'Asks for a form with each kind of enumeration (SEP-1330)',
    enumsForm,
  ),
  tool(
    'test_reconnection',
    'Closes its stream while it runs; a caller that resumes gets the result (SEP-1699)',
    {},
    async (_args, { suspendStream, signal }) => {
      suspendStream(retryMs);
      await delay(100, undefined, { signal });
      return textResult('Reconnection test completed successfully.');
    },
  ),
];

/**
 * Tools of the official conformance scenarios that interact with the caller while they run. Without sessions, a server
 * only reports progress while it runs, and asks with its result (input-tools.ts).
 */
export const interactionTools: readonly ToolEntry[] = entries.map((entry) =>
  entry.tool.name === 'test_tool_with_progress' ? entry : { ...entry, era: 'legacy' },
);

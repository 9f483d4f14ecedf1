import type { Server, ServerContext } from '@modelcontextprotocol/server';
import { argumentMisfit } from '../catalog/arguments.ts';
import { type Catalog, type PromptEntry, type ToolContext, ToolFailure } from '../catalog/catalog.ts';
import { invalidParams, RpcFailure } from './json-rpc-error.ts';

/** Registers the handler of a method. */
export type Serve = Server['setRequestHandler'];

/** The parts of a tool call that differ between the eras. */
export interface ToolHost {
  contextOf(ctx: ServerContext): ToolContext;
  /** Whether an error of a tool is the answer to the call. Default: no error is. */
  isAnswer?(error: unknown): boolean;
  /** Called when a tool fails unexpectedly. */
  onToolError(tool: string, error: unknown): void;
}

/** A prompt's question to the caller, or undefined if it has none. */
type Question = Awaited<ReturnType<NonNullable<PromptEntry['ask']>>>;

/** Returns the only page of a list. @throws RpcFailure for any cursor */
function onePage<T>(params: { readonly cursor?: string } | undefined, page: T): T {
  if (params?.cursor === undefined) return page;
  throw new RpcFailure(invalidParams('cursor: not issued by this server'));
}

/** Serves tools. */
export function serveTools(serve: Serve, tools: NonNullable<Catalog['tools']>, host: ToolHost): void {
  const byName = new Map(tools.map((entry) => [entry.tool.name, entry]));
  serve('tools/list', ({ params }) => onePage(params, { tools: tools.map(({ tool }) => tool) }));
  serve('tools/call', async ({ params }, ctx) => {
    const entry = byName.get(params.name);
    if (entry === undefined) throw new RpcFailure(invalidParams('name: no such tool'));
    const args = params.arguments ?? {};
    const misfit = await argumentMisfit(entry.tool, args);
    if (misfit !== undefined) return failed(misfit);
    try {
      return await entry.call(args, host.contextOf(ctx));
    } catch (error) {
      if (error instanceof ToolFailure) return failed(error.message);
      if (host.isAnswer?.(error)) throw error;
      if (!ctx.mcpReq.signal.aborted) host.onToolError(params.name, error);
      return failed('The tool failed');
    }
  });
}

function failed(text: string): { content: { type: 'text'; text: string }[]; isError: true } {
  return { content: [{ type: 'text', text }], isError: true };
}

/** Serves the lists of resources and templates. The eras read resources with different errors. */
export function serveResourceLists(serve: Serve, shelf: NonNullable<Catalog['resources']>): void {
  serve('resources/list', ({ params }) => onePage(params, { resources: [...shelf.resources] }));
  serve('resources/templates/list', ({ params }) =>
    onePage(params, { resourceTemplates: [...shelf.templates] }),
  );
}

/** Serves prompts. @param questionOf returns the question that a prompt asks first. Default: none does */
export function servePrompts(
  serve: Serve,
  prompts: NonNullable<Catalog['prompts']>,
  questionOf?: (entry: PromptEntry, ctx: ServerContext) => Promise<Question | undefined>,
): void {
  const byName = new Map(prompts.map((entry) => [entry.prompt.name, entry]));
  serve('prompts/list', ({ params }) => onePage(params, { prompts: prompts.map(({ prompt }) => prompt) }));
  serve('prompts/get', async ({ params }, ctx) => {
    const entry = byName.get(params.name);
    if (entry === undefined) throw new RpcFailure(invalidParams('name: no such prompt'));
    const { prompt, render } = entry;
    const args = params.arguments ?? {};
    const missing = prompt.arguments?.find(({ required, name }) => required && !Object.hasOwn(args, name));
    if (missing) throw new RpcFailure(invalidParams(`arguments.${missing.name}: missing`));
    const question = await questionOf?.(entry, ctx);
    return question ?? { description: prompt.description, messages: render(args) };
  });
}

/** Serves completion. */
export function serveCompletion(serve: Serve, complete: NonNullable<Catalog['complete']>): void {
  serve('completion/complete', ({ params: { ref, argument } }) => {
    const [kind, name] =
      ref.type === 'ref/prompt' ? (['prompt', ref.name] as const) : (['resource', ref.uri] as const);
    const completion = complete({ kind, name, argument: argument.name }, argument.value);
    if (completion !== undefined) return { completion };
    throw new RpcFailure(invalidParams('ref: no such prompt or resource template, or argument'));
  });
}

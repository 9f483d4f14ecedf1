/** Items of the catalog, by kind. */
interface CatalogItems {
  readonly tools?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceTemplates?: readonly string[];
  readonly prompts?: readonly string[];
}

/**
 * The part that an item of a target plays in a case, such as a slow tool. The item of the catalog plays the
 * part if the target serves it. Otherwise an item of the target's own does.
 */
export interface Role {
  readonly method: 'tools/call' | 'resources/read' | 'prompts/get' | 'completion/complete';
  /** The params that name the item of the catalog. */
  readonly catalog: Readonly<Record<string, unknown>>;
  /** Items of the catalog that a target must serve to have this part played by the catalog. */
  readonly served: CatalogItems;
  /** The item, in words: `a tool that takes 5 to 10 seconds`. */
  readonly about: string;
  /** The lines of `mcp-runtime-conformance.yaml` that name an own item, in flow style. */
  readonly configuration: string;
}

const tool = (key: string, name: string, about: string): Role => ({
  method: 'tools/call',
  catalog: { name },
  served: { tools: [name] },
  about,
  configuration: `tools: { ${key}: { name: NAME, arguments: { } } }`,
});

/** The roles by name. A tool has the same name in the configuration, under `tools`. */
export const roles = {
  safe: tool('safe', 'test_simple_text', 'a tool that is safe to call'),
  failing: tool('failing', 'test_error_handling', 'a tool that fails'),
  slow: {
    ...tool('slow', 'conformance_wait', 'a tool that takes 5 to 10 seconds'),
    served: { tools: ['conformance_wait', 'conformance_release', 'conformance_state'] },
  },
  progress: tool('progress', 'test_tool_with_progress', 'a tool that sends progress notifications'),
  logging: tool('logging', 'test_tool_with_logging', 'a tool that sends log messages during its call'),
  sampling: tool('sampling', 'test_sampling', 'a tool that asks the client for a sampling response'),
  elicitation: tool(
    'elicitation',
    'test_elicitation',
    'a tool that asks the client for an elicitation response',
  ),
  image: tool('image', 'test_image_content', 'a tool that returns an image'),
  audio: tool('audio', 'test_audio_content', 'a tool that returns audio'),
  embedding: tool('embedding', 'test_embedded_resource', 'a tool that returns an embedded resource'),
  large: tool('large', 'conformance_repeat', 'a tool that returns more than 4 MiB'),
  echo: {
    ...tool('echo', 'conformance_echo', 'a tool that returns a text of the caller'),
    configuration: `tools: { echo: { name: NAME, arguments: { ARGUMENT: "\${text}" } } }`,
  },
  resource: {
    method: 'resources/read',
    catalog: { uri: 'test://static-text' },
    served: { resources: ['test://static-text'] },
    about: 'a resource',
    configuration: 'resource: { uri: URI }',
  },
  blob: {
    method: 'resources/read',
    catalog: { uri: 'test://static-binary' },
    served: { resources: ['test://static-binary'] },
    about: 'a binary resource',
    configuration: 'blob: { uri: URI }',
  },
  template: {
    method: 'resources/read',
    catalog: { uri: 'test://template/123/data' },
    served: { resourceTemplates: ['test://template/{id}/data'] },
    about: 'a resource from a template',
    configuration: 'template: { uri: URI }',
  },
  prompt: {
    method: 'prompts/get',
    catalog: { name: 'test_simple_prompt' },
    served: { prompts: ['test_simple_prompt'] },
    about: 'a prompt',
    configuration: 'prompt: { name: NAME, arguments: { } }',
  },
  completion: {
    method: 'completion/complete',
    catalog: { ref: { type: 'ref/prompt', name: 'test_prompt_with_arguments' } },
    served: { prompts: ['test_prompt_with_arguments'] },
    about: 'an argument with completion',
    configuration:
      'completion: { ref: { type: ref/prompt, name: NAME }, argument: { name: NAME, value: "" } }',
  },
} satisfies Readonly<Record<string, Role>>;

export type RoleName = keyof typeof roles;

export const roleNames = Object.keys(roles) as readonly RoleName[];

/** The params of the target's own items, by the role that each plays. */
export type OwnItems = Readonly<Partial<Record<RoleName, Readonly<Record<string, unknown>>>>>;

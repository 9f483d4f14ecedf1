import { type Catalog, catalogOf } from '../../../reference-runtime/catalog/catalog.ts';
import { catalogs } from '../../../reference-runtime/catalog/index.ts';

const schema = { type: 'object', properties: {} } as const;

/** The items of a server without the conformance catalog. */
export const ownItems: Catalog = {
  tools: [
    {
      tool: { name: 'delete-everything', description: 'Has an effect', inputSchema: schema },
      call: async () => {
        throw new Error('The kit must not call a tool that the configuration does not name');
      },
    },
    {
      tool: {
        name: 'list größen',
        description: 'Lists sizes',
        inputSchema: schema,
        annotations: { readOnlyHint: true },
      },
      call: async () => ({ content: [{ type: 'text', text: 'small, large' }] }),
    },
  ],
  resources: {
    resources: [{ uri: 'demo://größe', name: 'size' }],
    templates: [],
    read: (uri) => (uri === 'demo://größe' ? [{ uri, text: 'large' }] : undefined),
  },
  prompts: [
    {
      prompt: { name: 'greet', description: 'Greets' },
      render: () => [{ role: 'user', content: { type: 'text', text: 'Hello' } }],
    },
  ],
};

/** The conformance catalog of a server that has not yet added the tools of MCP 2026-07-28. */
export const catalogWithoutModernItems: Catalog = catalogOf(catalogs.conformance(), 'legacy');

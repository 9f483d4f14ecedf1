import type { Resource } from '@modelcontextprotocol/server';
import { redPixelPng } from './building-blocks.ts';
import type { ResourceShelf } from './catalog.ts';

/** The URI template of the conformance catalog. */
export const dataTemplate = 'test://template/{id}/data';

const templateUri = /^test:\/\/template\/([^/?#]+)\/data$/;

/** Returns the decoded template parameter of a URI, or undefined if the URI does not match. */
function templateId(uri: string): string | undefined {
  const encoded = templateUri.exec(uri)?.[1];
  if (encoded === undefined) return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}

function resource(name: string, title: string, description: string, mimeType: string): Resource {
  return { uri: `test://${name}`, name, title, description, mimeType };
}

/** The resources of the conformance catalog. */
export const conformanceResources: ResourceShelf = {
  resources: [
    resource('static-text', 'Static Text Resource', 'A static text resource for testing', 'text/plain'),
    resource(
      'static-binary',
      'Static Binary Resource',
      'A static binary resource (image) for testing',
      'image/png',
    ),
    resource(
      'watched-resource',
      'Watched Resource',
      'A resource to subscribe to; conformance_touch changes it',
      'text/plain',
    ),
  ],
  templates: [
    {
      uriTemplate: dataTemplate,
      name: 'template',
      title: 'Resource Template',
      description: 'A resource template with parameter substitution',
      mimeType: 'application/json',
    },
  ],
  read(uri) {
    switch (uri) {
      case 'test://static-text':
        return [{ uri, mimeType: 'text/plain', text: 'This is the content of the static text resource.' }];
      case 'test://static-binary':
        return [{ uri, mimeType: 'image/png', blob: redPixelPng }];
      case 'test://watched-resource':
        return [{ uri, mimeType: 'text/plain', text: 'Watched resource content' }];
    }
    const id = templateId(uri);
    if (id === undefined) return undefined;
    const text = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
    return [{ uri, mimeType: 'application/json', text }];
  },
};

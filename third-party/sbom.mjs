// Renders a software bill of materials in CycloneDX. It has no time or serial number, so the same components always
// result in the same text.

/**
 * @param {{name: string, version?: string, purl?: string}} subject the program that contains the components
 * @param {import('../notices.mjs').Component[]} components
 * @returns {string} JSON
 */
export function renderSbom(subject, components) {
  const bom = {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: { type: 'application', 'bom-ref': subject.name, ...subject } },
    components: components.map(({ name, version, licence, purl }) => ({
      type: 'library',
      'bom-ref': purl,
      name,
      ...(version === undefined ? {} : { version }),
      licenses: [{ expression: expressionOf(licence) }],
      purl,
    })),
  };
  return `${JSON.stringify(bom, undefined, 2)}\n`;
}

/** Returns an SPDX expression. Old packages write a slash instead of OR. */
function expressionOf(licence) {
  return licence.replace(/\s?\/\s?/g, ' OR ');
}

import { gunzipSync } from 'node:zlib';
import type { PageData } from '../../conformance/formats/html/data/index.ts';

/** Returns the data in the text of a page, as a tool would read it. */
export function dataIn(page: string): PageData {
  const textOf = (id: string) => new RegExp(`id="${id}">(.*?)</script>`, 's').exec(page)?.[1] ?? '';
  const evidence = JSON.parse(gunzipSync(Buffer.from(textOf('evidence'), 'base64')).toString());
  return { ...JSON.parse(textOf('report')), evidence };
}

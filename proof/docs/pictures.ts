import { existsSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../base/package.ts';
import { launchChromium } from '../browser/chromium.ts';
import { openPage } from '../browser/open-page.ts';
import { documentedRun, makeReports } from '../browser/real-reports.ts';
import type { DocumentProblem } from './docs.ts';
import type { Document } from './documents.ts';

/** A picture of an HTML report in the documents. */
interface Picture {
  /** Path relative to the root of the package. */
  readonly path: string;
  /** The place of the report. */
  readonly hash: string;
  /** Height in CSS pixels. The width is 1200, and the file has twice as many pixels. */
  readonly height: number;
}

/** All pictures. `npm run docs -- --record pictures` takes them from real runs. */
export const pictures: readonly Picture[] = [
  { path: 'docs/images/report-overview.webp', hash: '#/', height: 900 },
  {
    path: 'docs/images/report-case.webp',
    hash: '#/case/sessions/scope-of-another',
    height: 1_300,
  },
];

const maxBytes = 150_000;
const quality = 82;

/**
 * Takes pictures of reports of real runs.
 * @param texts selects pictures whose path contains one of these texts; an empty list selects those that are missing
 * @throws ChromiumMissingError
 */
export async function takePictures(texts: readonly string[]): Promise<void> {
  const isChosen = ({ path }: Picture): boolean =>
    texts.length === 0
      ? !existsSync(join(packageRoot(), path))
      : texts.some((text) => path.includes(text) || text === 'pictures');
  const chosen = pictures.filter(isChosen);
  if (chosen.length === 0) return;
  const browser = await launchChromium();
  try {
    await using reports = await makeReports({ red: documentedRun });
    for (const { path, hash, height } of chosen) {
      const options = { hash, viewport: { width: 1_200, height }, deviceScaleFactor: 2, timezoneId: 'UTC' };
      await using opened = await openPage(browser, reports.files.red, options);
      // Playwright writes only PNG and JPEG, and the former would be several times as large.
      const session = await opened.page.context().newCDPSession(opened.page);
      const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality });
      const file = join(packageRoot(), path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, Buffer.from(data, 'base64'));
      console.log(`wrote ${path}`);
    }
  } finally {
    await browser.close();
  }
}

/** Returns the pictures that are missing, too large, or in no document. */
export function pictureProblems(
  documents: readonly Document[],
  root = packageRoot(),
): readonly DocumentProblem[] {
  return pictures.flatMap(({ path }): readonly DocumentProblem[] => {
    const file = join(root, path);
    const problem = (message: string, remedy: DocumentProblem['remedy']) => [
      { path, line: 1, message, remedy },
    ];
    if (!existsSync(file)) return problem('the picture is missing', 'picture');
    const { size } = statSync(file);
    if (size > maxBytes)
      return problem(`the picture has ${size} bytes, over the limit of ${maxBytes}`, 'picture');
    const name = path.slice(path.lastIndexOf('/') + 1);
    return documents.some(({ text }) => text.includes(`images/${name})`))
      ? []
      : problem('no document shows the picture', 'edit');
  });
}

import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Thrown if no Chromium is installed. The message is one line and says how to install it. */
export class ChromiumMissingError extends Error {
  override readonly name = 'ChromiumMissingError';
  readonly code = 'chromium-missing';

  constructor() {
    super(
      'Chromium is not installed: run apt-get install chromium, or set CHROMIUM to the path of its program',
    );
  }
}

const usualPaths = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Returns the path of Chromium. The variable CHROMIUM takes precedence. @throws ChromiumMissingError */
export function chromiumPath(environment: NodeJS.ProcessEnv = process.env): string {
  const given = environment['CHROMIUM'];
  const found = given ?? usualPaths.find((path) => existsSync(path));
  if (found === undefined || !existsSync(found)) throw new ChromiumMissingError();
  return found;
}

/** Starts a headless browser. The caller closes it. @throws ChromiumMissingError */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath(),
    // The sandbox needs privileges that containers of CI systems lack. The browser opens only our own files.
    args: [
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--force-color-profile=srgb',
      '--font-render-hinting=none',
    ],
  });
}

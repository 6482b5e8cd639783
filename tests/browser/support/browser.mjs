// A browser, and pages that note everything they should not do.
import { chromium } from 'playwright-core';

export const launch = () =>
  chromium.launch({
    executablePath: process.env.LMSTRESS_CHROMIUM,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [], // as root, in a container, there is no sandbox to be had
  });

export const desktop = { viewport: { width: 1280, height: 900 } };
export const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

/**
 * A page in a context of its own: {page, troubles, requests}. `troubles` are errors on the console and in scripts,
 * `requests` all that it asked for, its own address aside. `allowed(url)` says what may leave it.
 */
export async function watchedPage(browser, options = {}, allowed = () => false) {
  const context = await browser.newContext({ ...desktop, ...options });
  const page = await context.newPage();
  const troubles = [];
  const requests = [];
  page.on('console', (message) => {
    if (message.type() === 'error') troubles.push(message.text());
  });
  page.on('pageerror', (error) => troubles.push(String(error.stack ?? error)));
  await page.route('**/*', (route) => {
    const request = route.request();
    if (request.isNavigationRequest() && request.frame() === page.mainFrame()) return route.continue();
    requests.push(request.url());
    return allowed(request.url()) ? route.continue() : route.abort();
  });
  return { page, context, troubles, requests };
}

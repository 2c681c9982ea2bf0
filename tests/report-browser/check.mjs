// Opens a page in Chromium, light and dark, wide and narrow, and prints as JSON what is wrong with it and what it draws.
// Usage: node check.mjs <page> <chromium>
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [, , page, executablePath] = process.argv;
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// Runs in the page: what the drawings add up to.
const measure = () => {
  const sum = (elements, value) => [...elements].reduce((total, element) => total + value(element), 0);
  const parts = (element) => element.querySelectorAll('i');
  const area = (box) => box.width * box.height;
  return {
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    strips: [...document.querySelectorAll('.strip')].map((strip) => ({
      milliseconds: sum(parts(strip), (part) => Number(part.dataset.ms)),
      share: sum(parts(strip), (part) => part.getBoundingClientRect().width) / strip.clientWidth,
    })),
    maps: [...document.querySelectorAll('.map')].map((map) => ({
      size: sum(parts(map), (part) => Number(part.dataset.size)),
      share: sum(parts(map), (part) => area(part.getBoundingClientRect())) / area(map.getBoundingClientRect()),
    })),
    data: JSON.parse(document.getElementById('report').textContent).images.length,
  };
};

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
const runs = [];
try {
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [1280, 360]) {
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 }, offline: true });
      const tab = await context.newPage();
      const messages = [];
      const requests = [];
      tab.on('console', (message) => messages.push(`${message.type()}: ${message.text()}`));
      tab.on('pageerror', (error) => messages.push(`error: ${error.message}`));
      tab.on('request', (request) => requests.push(request.url().slice(0, 100)));
      await tab.goto(pathToFileURL(page).href);
      const background = await tab.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const measured = await tab.evaluate(measure);
      await tab.evaluate(axe);
      const { violations } = await tab.evaluate(() => globalThis.axe.run());
      runs.push({
        colorScheme, width, background, messages, ...measured,
        requests: requests.filter((url) => !url.startsWith('file:') && !url.startsWith('data:')),
        violations: violations.map(({ id, impact, nodes }) => ({ id, impact: impact ?? '', where: nodes[0].html.slice(0, 200) })),
      });
      if (process.env.REPORT_SCREENSHOTS) await tab.screenshot({ path: `${process.env.REPORT_SCREENSHOTS}/${colorScheme}-${width}.png`, fullPage: true });
      await context.close();
    }
  }
} finally {
  await browser.close();
}
console.log(JSON.stringify(runs));

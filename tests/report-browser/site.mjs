// Serves a folder on this machine, opens pages of it in Chromium, and prints as JSON what their consoles say and what they ask of others.
// Usage: node site.mjs <folder> <chromium> <path>...
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { chromium } from 'playwright-core';

const [, , folder, executablePath, ...paths] = process.argv;
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.woff2': 'font/woff2' };

const server = createServer(async (request, response) => {
  const path = normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
  try {
    const content = await readFile(join(folder, path.endsWith('/') ? `${path}index.html` : path));
    response.writeHead(200, { 'content-type': types[extname(path)] ?? 'text/html' }).end(content);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${server.address().port}`;

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
const pages = [];
try {
  for (const path of paths) {
    const tab = await browser.newPage();
    const messages = [];
    tab.on('console', (message) => messages.push(`${message.type()}: ${message.text()}`));
    tab.on('pageerror', (error) => messages.push(`error: ${error.message}`));
    tab.on('request', (request) => !request.url().startsWith(origin) && !request.url().startsWith('data:') && messages.push(`asks ${request.url()}`));
    tab.on('response', (response) => response.status() >= 400 && messages.push(`${response.status()} ${new URL(response.url()).pathname}`));
    await tab.goto(origin + path, { waitUntil: 'networkidle' });
    pages.push({ path, title: await tab.title(), heading: await tab.locator('h1').first().textContent(), messages });
    await tab.close();
  }
} finally {
  await browser.close();
  server.close();
}
console.log(JSON.stringify(pages));

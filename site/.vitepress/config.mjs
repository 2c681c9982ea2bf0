// The documentation as a static site. Its pages are the Markdown files of the repository as they are; README.md is the first one.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const site = dirname(dirname(fileURLToPath(import.meta.url)));
const repository = dirname(site);
const address = 'https://github.com/packer-sdk/packer-sdk';
const toc = JSON.parse(readFileSync(join(site, 'toc.json'), 'utf8'));

// What its first heading says.
const titleOf = (page) => readFileSync(join(repository, page), 'utf8').match(/^# (.+)$/m)[1].replaceAll('`', '');

// GitHub's rule, which the links of the pages follow.
const slugify = (heading) => heading.toLowerCase().replace(/[^\p{L}\p{N}_ -]/gu, '').replaceAll(' ', '-');

// A file that is no page is shown by the repository. One that is not there stays as it is, and the build fails at it.
const linkFiles = (markdown) => {
  const render = markdown.renderer.rules.link_open;
  markdown.renderer.rules.link_open = (tokens, index, options, environment, self) => {
    const token = tokens[index];
    const [path] = token.attrGet('href').split('#');
    if (path && !/^[a-z]+:/.test(path) && !path.endsWith('.md')) {
      const file = resolve(repository, dirname(environment.relativePath), decodeURI(path));
      if (existsSync(file)) token.attrSet('href', `${address}/${statSync(file).isDirectory() ? 'tree' : 'blob'}/main/${relative(repository, file).replaceAll('\\', '/')}`);
    }
    return render(tokens, index, options, environment, self);
  };
};

// Two braces are the pages' own, and not Vue's.
const keepBraces = (markdown) => {
  for (const rule of ['text', 'code_inline']) {
    const render = markdown.renderer.rules[rule];
    markdown.renderer.rules[rule] = (...all) => render(...all).replaceAll('{{', '&#123;&#123;');
  }
};

export default {
  title: 'Packer.Sdk',
  description: 'An MSBuild SDK that makes dotnet build produce machine images.',
  lang: 'en',
  srcDir: '..',
  srcExclude: ['{artifacts,bench,samples,site,src,tests}/**'],
  rewrites: { 'README.md': 'index.md' },
  outDir: '../artifacts/site',
  cacheDir: './node_modules/.vitepress',
  // The path at which it is served, with a slash at its end.
  base: process.env.PACKER_SITE_BASE ?? '/',
  // There is no picture, and so nothing to ask for.
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  themeConfig: {
    sidebar: toc.map(({ title, pages }) => ({ text: title, items: pages.map((page) => ({ text: titleOf(page), link: `/${page}` })) })),
    outline: [2, 3],
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: address }],
  },
  markdown: {
    anchor: { slugify },
    config: (markdown) => {
      linkFiles(markdown);
      keepBraces(markdown);
    },
  },
  vite: {
    // The pages lie outside of this folder, where these are found.
    resolve: { alias: { 'vue/server-renderer': join(site, 'node_modules/vue/server-renderer/index.mjs'), vue: join(site, 'node_modules/vue') } },
    build: { chunkSizeWarningLimit: 4096 },
  },
};

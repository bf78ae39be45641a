// What a browser loads before it shows something: index.html and what that names. Needs `npm run build`.
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';

const limit = 300 * 1024;
const read = (path: string) => readFileSync(new URL(`../dist${path}`, import.meta.url));

it('the first load is under 300 KiB compressed', () => {
  const html = read('/index.html').toString();
  const named = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((match) => match[1]!);
  expect(named.some((path) => path.endsWith('.js'))).toBe(true);
  const bytes = ['/index.html', ...named].reduce((sum, path) => sum + gzipSync(read(path)).length, 0);
  expect(bytes).toBeLessThan(limit);
});

it('no page has a script of its own in it, and every asset has its content’s name', () => {
  const html = read('/index.html').toString();
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)/);
  expect(html).not.toMatch(/\son\w+=/);
  for (const name of readdirSync(new URL('../dist/assets', import.meta.url)))
    expect(name).toMatch(/-[\w-]{8}\.(js|css|svg|woff2)(\.br|\.gz)?$/);
});

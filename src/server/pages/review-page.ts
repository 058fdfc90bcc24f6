import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StaticPage } from './static-page.js';

/** Where the build puts the page: beside the compiled gateway, or in the checkout when the sources run as they are. */
const PLACES = ['../../../review', '../../../dist/review'].map((place) => join(import.meta.dirname, place));

/** The page has not been built. */
class PageMissing extends Error {
  override readonly name = 'PageMissing';
  override readonly message = 'the review page is not there: `npm run build` makes it';
}

/**
 * The review page at `/`: markup, script and style in one answer, so that it takes one request, changes as a whole, and needs no
 * source of scripts but itself. Rejects when it was not built.
 */
export async function reviewPage(): Promise<StaticPage> {
  const place = PLACES.find((directory) => existsSync(join(directory, 'index.html')));
  if (place === undefined) throw new PageMissing();
  const [markup, script, style] = await Promise.all(['index.html', 'page.js', 'page.css'].map((name) => readFile(join(place, name), 'utf8')));
  const html = (markup ?? '')
    .replace(/ *<script [^>]*><\/script>\n?/u, '')
    .replace(/<link rel="stylesheet"[^>]*>/u, () => `<style>${style ?? ''}</style>`)
    // What ends a script ends it wherever it stands (HTML standard, 13.1.1.3); within a string the backslash changes nothing.
    .replace('</body>', () => `<script>${(script ?? '').replaceAll(/<(?=\/script|!--)/giu, '\\x3c')}</script>\n</body>`);
  return { html, policy: {} };
}

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartRefused } from '../../shared/start-refused.js';
import type { StaticPage } from './static-page.js';

/** Where the build puts the page: beside the compiled gateway, or in the checkout when the sources run as they are. */
const PLACES = ['../../../review', '../../../dist/review'].map((place) => join(import.meta.dirname, place));

/**
 * The review page at `/`: markup, script and style in one answer, so that it takes one request, changes as a whole, and needs no
 * source of scripts but itself; a worker comes later, from here too. Rejects with StartRefused when it was not built.
 */
export async function reviewPage(): Promise<StaticPage> {
  const place = placeOf('index.html');
  const [markup, script, style] = await Promise.all(['index.html', 'page.js', 'page.css'].map((name) => readFile(join(place, name), 'utf8')));
  const html = (markup ?? '')
    .replace(/ *<script [^>]*><\/script>\n?/u, '')
    .replace(/<link rel="stylesheet"[^>]*>/u, () => `<style>${style ?? ''}</style>`)
    // What ends a script ends it wherever it stands (HTML standard, 13.1.1.3); within a string the backslash changes nothing.
    .replace('</body>', () => `<script>${(script ?? '').replaceAll(/<(?=\/script|!--)/giu, '\\x3c')}</script>\n</body>`);
  return { html, policy: { 'worker-src': "'self'" } };
}

/** The script that colours lines, for a worker of the page. Rejects with StartRefused when it was not built. */
export async function colouringScript(): Promise<string> {
  return readFile(join(placeOf('colours.js'), 'colours.js'), 'utf8');
}

function placeOf(file: string): string {
  const place = PLACES.find((directory) => existsSync(join(directory, file)));
  if (place === undefined) throw new StartRefused('The review page is not there. `npm run build` makes it.');
  return place;
}

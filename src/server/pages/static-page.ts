import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Exchange } from '../http/exchange.js';
import { methodNotAllowed } from '../http/responses.js';

/** A page that is the same for everyone until the process ends. */
export interface StaticPage {
  readonly html: string;
  /** Directives beyond those that every page has; scripts are allowed by their hashes. */
  readonly policy: Readonly<Record<string, string>>;
}

interface Packed {
  readonly plain: Buffer;
  readonly gzipped: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

const zip = promisify(gzip);

/** Serves a page that is made when it is first asked for, compressed once, and answered with 304 where the browser has it. */
export function pageRoute(make: () => Promise<StaticPage>): (exchange: Exchange) => Promise<Response> {
  return served(async () => pack(await make()));
}

/** Serves a script that pages of this server load, in the same way. */
export function scriptRoute(make: () => Promise<string>): (exchange: Exchange) => Promise<Response> {
  return served(async () => packedText(await make(), { 'content-type': 'text/javascript; charset=utf-8', 'content-security-policy': "default-src 'none'" }));
}

function served(make: () => Promise<Packed>): (exchange: Exchange) => Promise<Response> {
  let packed: Promise<Packed> | undefined;
  return async ({ request: { method, headers } }) => {
    if (method !== 'GET' && method !== 'HEAD') return methodNotAllowed(method, ['GET', 'HEAD']);
    packed ??= make();
    const page = await packed;
    if (headers.get('if-none-match') === page.headers['etag']) return new Response(null, { status: 304, headers: page.headers });
    const small = /\bgzip\b(?! *; *q=0(?:\.0*)?(?:,|$))/u.test(headers.get('accept-encoding') ?? '');
    const body = small ? page.gzipped : page.plain;
    return new Response(method === 'HEAD' ? null : new Uint8Array(body), {
      headers: { ...page.headers, 'content-length': String(body.length), ...(small ? { 'content-encoding': 'gzip' } : {}) },
    });
  };
}

async function pack({ html, policy }: StaticPage): Promise<Packed> {
  const text = asParsed(html);
  return packedText(text, { 'content-type': 'text/html; charset=utf-8', 'x-frame-options': 'DENY', 'content-security-policy': contentPolicy(text, policy) });
}

async function packedText(text: string, headers: Readonly<Record<string, string>>): Promise<Packed> {
  const plain = Buffer.from(text);
  const etag = `"${createHash('sha256').update(plain).digest('base64url')}"`;
  return { plain, gzipped: await zip(plain), headers: { ...headers, 'cache-control': 'no-cache', vary: 'accept-encoding', etag } };
}

/** As the HTML parser reads it (HTML standard, 13.2.3.5): a browser hashes a script after its line ends were made one. */
function asParsed(html: string): string {
  return html.replaceAll(/\r\n?/gu, '\n');
}

/** Nothing from anywhere but what the page itself carries, and requests to this server. Each inline script and style is named by its hash. */
function contentPolicy(html: string, policy: Readonly<Record<string, string>>): string {
  const directives = {
    'default-src': "'none'",
    'script-src': hashesOf(html, 'script'),
    'style-src': hashesOf(html, 'style'),
    'img-src': 'data:',
    'connect-src': "'self'",
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
    ...policy,
  };
  return Object.entries(directives).map(([name, value]) => `${name} ${value}`).join('; ');
}

function hashesOf(html: string, element: 'script' | 'style'): string {
  const found = [...html.matchAll(new RegExp(`<${element}>([\\s\\S]*?)</${element}>`, 'gu'))];
  return found.map(([, content = '']) => `'sha256-${createHash('sha256').update(content).digest('base64')}'`).join(' ');
}

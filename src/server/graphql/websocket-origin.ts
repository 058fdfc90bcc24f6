import type { IncomingHttpHeaders } from 'node:http';
import type { ServerSettings } from '../settings.js';

/**
 * Whether a handshake may become a socket. CORS does not reach WebSockets: a page of any origin may open one (RFC 6455, 10.2), so the
 * origin that a browser names must be this server's own or a listed one. Other clients name none.
 */
export function mayConnect({ origin, host }: IncomingHttpHeaders, { corsOrigins, publicUrl }: Pick<ServerSettings, 'corsOrigins' | 'publicUrl'>): boolean {
  if (origin === undefined || corsOrigins.includes(origin)) return true;
  if (!URL.canParse(origin)) return false;
  return new URL(origin).host === host || (publicUrl !== undefined && new URL(publicUrl).origin === origin);
}

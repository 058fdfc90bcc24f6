import { StartRefused } from '../../shared/start-refused.js';

/** How to reach a database over a unix socket: `host` is the socket's directory. */
export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/** Where a database is, for the driver and for people. */
export interface DatabaseTarget {
  /** The part of the driver's options that says where, as whom and how encrypted. */
  readonly options: {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly user: string;
    readonly pass?: string;
    readonly ssl: 'require' | 'prefer' | 'verify-full' | false;
  };
  /** Host, port and database, without credentials. */
  readonly shown: string;
}

/** The target of an embedded server. */
export function embeddedTarget({ host, port, database, user }: PostgresAddress): DatabaseTarget {
  return { options: { host, port, database, user, pass: '', ssl: false }, shown: `${host}/${database}` };
}

/**
 * Reads a connection address, `postgres://user:password@host:port/name?sslmode=…`, as libpq does ("Connection URIs" of its manual):
 * everything is percent-decoded; `?host=/directory` means a unix socket. Everything is taken from the address and nothing from PG…
 * variables, so that a setting of some other program does not lead Weir to another database.
 * @throws StartRefused for an address that names no user or database, or asks for what is not supported; never quotes the password.
 */
export function urlTarget(address: string): DatabaseTarget {
  const url = parse(address);
  const query = url.searchParams;
  const host = query.get('host') ?? decoded(url.hostname).replace(/^\[(.*)\]$/, '$1');
  const port = Number(query.get('port') ?? (url.port === '' ? 5432 : url.port));
  const database = decoded(url.pathname.slice(1));
  const user = decoded(url.username) || query.get('user') || '';
  const password = decoded(url.password) || query.get('password') || '';
  if (user === '' || database === '' || !Number.isInteger(port)) throw new StartRefused('DATABASE_URL must name a user and a database: postgres://user:password@host:5432/name.');
  if (host.includes(',')) throw new StartRefused('DATABASE_URL names several hosts, and Weir follows one: name the primary, or an address that always leads to it.');
  const ssl = encryption(query.get('sslmode'), host);
  return { options: { host: host || 'localhost', port, database, user, pass: password, ssl }, shown: `${host || 'localhost'}${host.startsWith('/') ? '' : `:${port}`}/${database}` };
}

function parse(address: string): URL {
  // libpq allows `user@/name?host=…`, the URL standard no user without a host.
  const standard = address.replace(/^(postgres(?:ql)?:\/\/[^/?#]*@)(?=[/?])/, '$1localhost');
  if (URL.canParse(standard)) return new URL(standard);
  throw new StartRefused('DATABASE_URL is not an address: it must look like postgres://user:password@host:5432/name, with special characters of the password percent-encoded.');
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new StartRefused('DATABASE_URL holds a % that is no percent-encoding: write it as %25.');
  }
}

function encryption(mode: string | null, host: string): DatabaseTarget['options']['ssl'] {
  if (host.startsWith('/')) return false;
  switch (mode) {
    case null:
    case 'prefer':
    case 'allow':
      return 'prefer';
    case 'disable':
      return false;
    case 'require':
      return 'require';
    case 'verify-ca':
    case 'verify-full':
      return 'verify-full';
    default:
      throw new StartRefused(`DATABASE_URL has sslmode=${mode}, which is none of disable, prefer, require and verify-full.`);
  }
}

import { isNumericHost, bareHost } from './webhook.js';
import { isWellFormedText } from './text.js';
import { quote, rulesOf, type Violation } from './violation.js';

const MAX_URL_BYTES = 2048;
/** Where repositories of elsewhere may be; `isRefused` judges an address, not a name, which may lead elsewhere by the time it is used. */
export interface RemoteUrlRules {
  /** Hosts by name or number, with a port where it is not that of the scheme; `*.example.org` stands for every name below. */
  readonly hosts: readonly string[];
  readonly http: boolean;
  isRefused(address: string): boolean;
}

/** How the rules are told to those who break them. */
interface Told {
  /** The rules' namespace. */
  readonly rules: string;
  /** What such addresses are for: all of them, and those of a host. */
  readonly all: string;
  readonly noun: string;
  readonly variable: string;
  readonly command: string;
  readonly https: string;
  readonly credentials: string;
  readonly off: string;
}

const OF_IMPORTS: Told = {
  rules: 'import-url', all: 'Imports from addresses', noun: 'Imports from', variable: 'WEIR_IMPORT_HOSTS', command: 'git clone',
  https: 'Repositories are imported over https alone.',
  credentials: 'Leave them out: only what everybody may read is imported.',
  off: ' "weir import" takes a clone on the server’s machine.',
};
const OF_MIRRORS: Told = {
  rules: 'mirror-url', all: 'Mirrors', noun: 'Mirrors on', variable: 'WEIR_MIRROR_HOSTS', command: 'git push',
  https: 'Mirrors are pushed to over https alone.',
  credentials: 'Give them as "username" and "password": they are stored sealed.',
  off: '',
};

/** The rule that the address of a repository to import breaks, or null. What its host leads to is judged when it is fetched. */
export function importUrlViolation(text: string, rules: RemoteUrlRules): Violation | null {
  return urlViolation(text, rules, OF_IMPORTS);
}

/** The rule that the address of a mirror breaks, or null. What its host leads to is judged at each push. */
export function mirrorUrlViolation(text: string, rules: RemoteUrlRules): Violation | null {
  return urlViolation(text, rules, OF_MIRRORS);
}

function urlViolation(text: string, rules: RemoteUrlRules, told: Told): Violation | null {
  const violation = rulesOf(told.rules);
  const operator = `The operator names hosts in ${told.variable}`;
  if (Buffer.byteLength(text) > MAX_URL_BYTES) return violation('too-long', `The address is longer than ${MAX_URL_BYTES} bytes.`, 'Shorten it.');
  const url = isWellFormedText(text) && /^https?:\/\/[^\s\\\p{Control}]+$/u.test(text) && URL.canParse(text) ? new URL(text) : null;
  if (url === null) return violation('malformed', 'The address is not one of the form https://host/path.', `Give the address that "${told.command}" takes, over https.`);
  if (url.protocol === 'http:' && !rules.http) return violation('https', told.https, 'Give an https address; the operator can allow http.');
  if (url.username !== '' || url.password !== '') return violation('credentials', 'The address holds a user name or a password.', told.credentials);
  if (url.hash !== '' || url.search !== '') return violation('query', 'The address holds a query or a fragment.', 'Leave out what begins with "?" or "#".');
  if (rules.hosts.length === 0) return violation('no-hosts', `${told.all} are off: no host is allowed here.`, told.off === '' ? `${operator}.` : `${operator};${told.off}`);
  if (!rules.hosts.some((host) => matches(host, url))) return violation('host', `${told.noun} ${quote(url.host)} are not allowed here.`, `${operator}.`);
  if (isNumericHost(url.hostname) && rules.isRefused(bareHost(url.hostname))) {
    return violation('private', `The address is within a network that ${told.noun.split(' ', 1)[0]?.toLowerCase() ?? ''} may not reach: private, loopback, link-local or reserved.`, 'Give a public address; the operator can allow networks.');
  }
  return null;
}

function matches(host: string, { host: given }: URL): boolean {
  return host.startsWith('*.') ? given.endsWith(host.slice(1)) && given.length >= host.length : given === host;
}

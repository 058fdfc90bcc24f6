import { isNumericHost, bareHost } from './webhook.js';
import { isWellFormedText } from './text.js';
import { quote, rulesOf, type Violation } from './violation.js';

const MAX_URL_BYTES = 2048;
const violation = rulesOf('import-url');

/** Where repositories may be imported from; `isRefused` judges an address, not a name, which may lead elsewhere by the time it is used. */
export interface ImportUrlRules {
  /** Hosts by name or number, with a port where it is not that of the scheme; `*.example.org` stands for every name below. */
  readonly hosts: readonly string[];
  readonly http: boolean;
  isRefused(address: string): boolean;
}

/** The rule that the address of a repository to import breaks, or null. What its host leads to is judged when it is fetched. */
export function importUrlViolation(text: string, rules: ImportUrlRules): Violation | null {
  if (Buffer.byteLength(text) > MAX_URL_BYTES) return violation('too-long', `The address is longer than ${MAX_URL_BYTES} bytes.`, 'Shorten it.');
  const url = isWellFormedText(text) && /^https?:\/\/[^\s\\\p{Control}]+$/u.test(text) && URL.canParse(text) ? new URL(text) : null;
  if (url === null) return violation('malformed', 'The address is not one of the form https://host/path.', 'Give the address that "git clone" takes, over https.');
  if (url.protocol === 'http:' && !rules.http) return violation('https', 'Repositories are imported over https alone.', 'Give an https address; the operator can allow http.');
  if (url.username !== '' || url.password !== '') return violation('credentials', 'The address holds a user name or a password.', 'Leave them out: only what everybody may read is imported.');
  if (url.hash !== '' || url.search !== '') return violation('query', 'The address holds a query or a fragment.', 'Leave out what begins with "?" or "#".');
  if (rules.hosts.length === 0) return violation('no-hosts', 'Imports from addresses are off: no host is allowed here.', 'The operator names hosts in WEIR_IMPORT_HOSTS; "weir import" takes a clone on the server’s machine.');
  if (!rules.hosts.some((host) => matches(host, url))) return violation('host', `Imports from ${quote(url.host)} are not allowed here.`, 'The operator names hosts in WEIR_IMPORT_HOSTS.');
  if (isNumericHost(url.hostname) && rules.isRefused(bareHost(url.hostname))) {
    return violation('private', 'The address is within a network that imports may not reach: private, loopback, link-local or reserved.', 'Give a public address; the operator can allow networks.');
  }
  return null;
}

function matches(host: string, { host: given }: URL): boolean {
  return host.startsWith('*.') ? given.endsWith(host.slice(1)) && given.length >= host.length : given === host;
}

import { CLIENT_CASES } from './cases/index.js';
import type { Site } from './cases/site.js';

// What a page of the browser tests runs: bundled with the client, and with the matchers that the cases use in the place of vitest.
Object.assign(globalThis, {
  runClientCase: async (name: string, site: Site) => {
    const found = CLIENT_CASES.find((each) => each.name === name);
    if (found === undefined) throw new TypeError(`there is no case ${name}`);
    await found.run(site);
    return name;
  },
});

import { chai, JestAsymmetricMatchers, JestChaiExpect, JestExtend } from '@vitest/expect';

for (const plugin of [JestChaiExpect, JestAsymmetricMatchers, JestExtend]) chai.use(plugin);

/** vitest's `expect` without its runner, for where there is none: a page. */
export const expect: typeof chai.expect = chai.expect;

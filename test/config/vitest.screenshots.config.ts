import suite from './vitest.config.js';

const { projects: _ofTheSuite, ...test } = suite.test ?? {};

/** What makes the pictures of the README: it needs a gateway and a database as a test does. */
export default { ...suite, test: { ...test, include: ['test/screenshots/take.ts'] } };

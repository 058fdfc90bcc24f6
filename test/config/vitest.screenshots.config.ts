import suite from './vitest.config.js';

/** What makes the pictures of the README: it needs a gateway and a database as a test does. */
export default { ...suite, test: { ...suite.test, include: ['test/screenshots/take.ts'] } };

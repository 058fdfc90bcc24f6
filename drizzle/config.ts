import { defineConfig } from 'drizzle-kit';

/** For `npm run db:generate`, which compares the tables with the newest snapshot and writes the next migration; no database is needed. */
export default defineConfig({
  dialect: 'postgresql',
  schema: './drizzle/index.ts',
  out: './drizzle/migrations',
});

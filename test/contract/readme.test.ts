import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeSettings } from '../../src/config.js';

const ROOT = resolve(import.meta.dirname, '../..');
const README = readFileSync(`${ROOT}/README.md`, 'utf8');

/** The settings as the README shows them; `UPDATE_README=1` writes them into it. */
function settingsTable(): string {
  const rows = describeSettings().map(({ variable, shown, description }) => `| \`${variable}\` | ${shown === '' ? '' : `\`${shown}\``} | ${description} |`);
  return ['| variable | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

describe('the README', () => {
  it('lists every setting as the code has it', () => {
    const wanted = README.replace(/(<!-- settings -->\n)[\s\S]*?(<!-- \/settings -->)/u, (_all, open: string, close: string) => `${open}${settingsTable()}\n${close}`);
    if (process.env['UPDATE_README'] === '1') writeFileSync(`${ROOT}/README.md`, wanted);
    expect(readFileSync(`${ROOT}/README.md`, 'utf8')).toBe(wanted);
  });

  it('names files and folders that exist', () => {
    const named = [...README.matchAll(/`((?:src|schema|drizzle|test)\/[A-Za-z0-9/_.-]+)`/gu)].flatMap(([, path]) => path ?? []);
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((path) => !existsSync(`${ROOT}/${path}`))).toEqual([]);
  });

  it('names scripts that package.json has', () => {
    const scripts: unknown = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8'));
    const known = typeof scripts === 'object' && scripts !== null && 'scripts' in scripts && typeof scripts.scripts === 'object' && scripts.scripts !== null ? Object.keys(scripts.scripts) : [];
    const named = [...README.matchAll(/npm run (?:-s )?([a-z:]+)/gu)].flatMap(([, name]) => name ?? []);
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });
});

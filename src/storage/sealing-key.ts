import { randomBytes } from 'node:crypto';
import { link, open, readFile, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SEALING_KEY_BYTES } from '../shared/sealed-text.js';
import { errorCode, StartRefused } from '../shared/start-refused.js';

/** The file in the data directory, readable by its owner alone. */
export const SEALING_KEY_FILE = 'webhook.key';

/**
 * The key of this data directory that seals what the database must not show, made at the first call. Of several gateways that start at
 * once, all get the same. Throws StartRefused where the file is not what was written.
 */
export async function sealingKey(dataDir: string): Promise<Buffer> {
  const path = join(dataDir, SEALING_KEY_FILE);
  const text = (await readIfThere(path)) ?? (await makeKey(path));
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== SEALING_KEY_BYTES) throw new StartRefused(`${path} does not hold ${SEALING_KEY_BYTES} bytes in base64; bring it back from a backup, or remove it, which stops every webhook.`);
  return key;
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Written whole under another name and then linked: nobody reads half of it, and who comes second takes what the first one made. */
async function makeKey(path: string): Promise<string> {
  const text = `${randomBytes(SEALING_KEY_BYTES).toString('base64')}\n`;
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeDurably(draft, text);
  try {
    await link(draft, path);
    await syncDirectory(dirname(path));
    return text;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return await readFile(path, 'utf8');
    throw error;
  } finally {
    await unlink(draft);
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

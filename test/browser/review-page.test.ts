import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { byKeyboard } from './cases/by-keyboard.js';
import { client, serveElsewhere, type OtherOrigin } from './cases/client.js';
import { deciding } from './cases/deciding.js';
import { playground } from './cases/playground.js';
import { reading } from './cases/reading.js';
import { PageRoom } from './page-room.js';

let room: PageRoom;
let elsewhere: OtherOrigin;

// One browser, one gateway and one imported history for all of them: each takes seconds to be there.
beforeAll(async () => {
  elsewhere = await serveElsewhere();
  room = await PageRoom.open({ settings: { WEIR_CORS_ORIGINS: elsewhere.origin } });
});
afterEach(() => room.closePages());
afterAll(async () => {
  await room.close();
  elsewhere.close();
});

describe('the review page, for those who decide', () => {
  deciding(() => room);
});
describe('the review page, for those who read', () => {
  reading(() => room);
});
describe('the review page, by the keyboard', () => {
  byKeyboard(() => room);
});
describe('the client, in a page', () => {
  client(() => room, () => elsewhere);
});
describe('the playground', () => {
  playground(() => room);
});

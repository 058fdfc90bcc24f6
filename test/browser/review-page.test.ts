import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { byKeyboard } from './cases/by-keyboard.js';
import { deciding } from './cases/deciding.js';
import { reading } from './cases/reading.js';
import { PageRoom } from './page-room.js';

let room: PageRoom;

// One browser, one gateway and one imported history for all of them: each takes seconds to be there.
beforeAll(async () => {
  room = await PageRoom.open();
});
afterEach(() => room.closePages());
afterAll(() => room.close());

describe('the review page, for those who decide', () => {
  deciding(() => room);
});
describe('the review page, for those who read', () => {
  reading(() => room);
});
describe('the review page, by the keyboard', () => {
  byKeyboard(() => room);
});

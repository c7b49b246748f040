import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stamp } from '../../../src/client/message/stamp.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

test('local time, as Node.js has it, over years', () => {
  const stamp = new Stamp();
  for (let sec = 0; sec < 4e9; sec += 7_654_321) {
    const date = new Date(sec * 1000);
    const [two, blank] = ['0', ' '].map((fill) => (value: number) => String(value).padStart(2, fill));
    const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => two?.(part)).join(':');
    assert.equal(stamp.traditional(sec), `${MONTHS[date.getMonth()]} ${blank?.(date.getDate())} ${clock}`);
    const iso = stamp.iso(sec * 1000 + 5);
    assert.equal(Date.parse(iso), sec * 1000 + 5, iso);
    assert.ok(iso.includes(`T${clock}.005`), iso);
  }
});

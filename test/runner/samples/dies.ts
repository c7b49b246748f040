/** A file that is killed in a test. */
import { test } from 'node:test';

test('takes all with it', () => void process.kill(process.pid, 'SIGKILL'));

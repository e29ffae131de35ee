import { expect, it } from 'vitest';
import { checkListenFlags } from './listen-flags.ts';

it.each([
  [{ exec: 'date', reply: ['a=1'] }, /--reply or from --exec/],
  [{ exec: 'date', save: 'incoming' }, /files go to --save, messages to --exec/],
  [{ overwrite: true }, /--overwrite goes with --save/],
  [{ jobs: '2' }, /--jobs goes with --exec/],
])('refuses %j', (flags, message) => {
  expect(() => checkListenFlags(flags)).toThrow(message);
});

it.each([{}, { exec: 'date', jobs: '2' }, { save: 'incoming', overwrite: true, reply: ['a=1'] }])(
  'takes %j',
  (flags) => {
    expect(() => checkListenFlags(flags)).not.toThrow();
  },
);

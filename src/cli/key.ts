import type { Command } from 'commander';
import { registerKeyAdd } from './key-add.ts';
import { registerKeyList } from './key-list.ts';
import { registerKeyRemove } from './key-remove.ts';
import { registerKeyRotate } from './key-rotate.ts';
import { registerKeyUse } from './key-use.ts';

export function registerKey(program: Command): void {
  const key = program.command('key').description('the keys of the cluster: list, add, use, remove, rotate');
  registerKeyRotate(key);
  registerKeyList(key);
  registerKeyAdd(key);
  registerKeyUse(key);
  registerKeyRemove(key);
}

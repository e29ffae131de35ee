import type { Command } from 'commander';
import { registerKeyAdd } from './key-add.ts';
import { registerKeyList } from './key-list.ts';
import { registerKeyRotate } from './key-rotate.ts';
import { registerKeyStep, removeKey, useKey } from './key-step.ts';

export function registerKey(program: Command): void {
  const key = program
    .command('key')
    .description('the keys of the cluster: list, add, use, remove, rotate')
    .helpCommand(false);
  registerKeyRotate(key);
  registerKeyList(key);
  registerKeyAdd(key);
  registerKeyStep(key, useKey);
  registerKeyStep(key, removeKey);
}

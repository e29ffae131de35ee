import { performance } from 'node:perf_hooks';
import { collectYoung } from './collect-young.ts';
import { idleMemory } from './idle-memory.ts';
import type { Memory } from './memory.ts';

export function systemMemory(): Memory {
  const effort = () => ({ atMs: performance.now(), activeMs: performance.eventLoopUtilization().active });
  return idleMemory(effort, () => collectYoung()());
}

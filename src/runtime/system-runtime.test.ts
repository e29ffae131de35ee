import { expect, it } from 'vitest';
import { silentLog } from './log.ts';
import { memoryStorage } from './memory-storage.ts';
import { systemRuntime } from './system-runtime.ts';

it('uses the storage and the log it was given', () => {
  const storage = memoryStorage();
  const runtime = systemRuntime({ storage, log: silentLog });
  expect(runtime.storage).toBe(storage);
  expect(runtime.log).toBe(silentLog);
});

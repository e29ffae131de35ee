// What sealing and opening a datagram costs, in CPU time.
// Usage: node --import tsx bench/seal.ts [bytes]
import { nodeIdFrom } from '../src/protocol/ids.ts';
import { memoryStorage } from '../src/runtime/memory-storage.ts';
import { systemClock } from '../src/runtime/system-clock.ts';
import { systemRandom } from '../src/runtime/system-random.ts';
import { createHeardKeys } from '../src/trust/heard-keys.ts';
import { createKeyRing } from '../src/trust/key-ring.ts';
import { newRing } from '../src/trust/ring-state.ts';
import { createSealedEnvelope } from '../src/trust/sealed-envelope.ts';

const payloadBytes = Number(process.argv[2] ?? '400');
const count = 50_000;
const random = systemRandom();
const clock = systemClock();
const ring = createKeyRing(newRing('bench', random.bytes(32), 0), memoryStorage());

function envelope() {
  const self = nodeIdFrom(random.bytes(8));
  return createSealedEnvelope({ ring, clock, random, self, startMs: 0, heardKeys: createHeardKeys(ring, random) });
}

const [sender, receiver] = [envelope(), envelope()];
const payload = Uint8Array.from([6, ...random.bytes(payloadBytes - 1)]);
const from = { address: '192.0.2.1', port: 7472 };

function microseconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

for (let round = 0; round < 5; round++) {
  const sealed: Uint8Array[] = [];
  const sealing = microseconds(() => {
    for (let i = 0; i < count; i++) sealed.push(sender.seal(payload, from));
  });
  let opened = 0;
  const opening = microseconds(() => {
    for (const bytes of sealed) if (receiver.open(bytes, from).ok) opened += 1;
  });
  console.log(`${payloadBytes} bytes: seal ${sealing.toFixed(1)} µs, open ${opening.toFixed(1)} µs, opened ${opened}`);
}

// A node that joins when it is told to, and says when it has been told of all others. Started by formation.bench.ts: NAME, how
// many nodes there are, seeds.
import { once } from 'node:events';
import { join } from '../../dist/index.js';

const [name = '', count = '', ...seeds] = process.argv.slice(2);
process.stdout.write('loaded\n');
await once(process.stdin, 'data');
const mesh = await join({ name, open: true, cluster: 'formation', seeds });
const others = new Set();
for await (const event of mesh.watch()) {
  if (!('node' in event) || event.type === 'node-gone' || event.node.name === name) continue;
  if (others.has(event.node.name)) continue;
  others.add(event.node.name);
  if (others.size === Number(count) - 1) process.stdout.write('whole\n');
}

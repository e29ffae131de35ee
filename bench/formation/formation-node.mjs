// A node that joins when it is told to, and prints each change of a member as one line. Started by formation.bench.ts.
import { once } from 'node:events';
import { join } from '../../dist/index.js';

const [name = '', ...seeds] = process.argv.slice(2);
process.stdout.write('loaded\n');
await once(process.stdin, 'data');
const mesh = await join({ name, open: true, cluster: 'formation', seeds });
process.stdout.write('joined\n');
for await (const event of mesh.watch()) {
  if ('node' in event && event.type !== 'node-gone') process.stdout.write(`member ${event.node.name}\n`);
}

// A node that prints each change of a member as one line: its name, its state, its id, and what was noticed of it. Started by liveness.bench.ts, in a network namespace.
import { join } from '../../dist/index.js';

const [name = '', ...seeds] = process.argv.slice(2);
const mesh = await join({ name, open: true, cluster: 'liveness', seeds });
process.stdout.write('ready\n');
const end = async () => {
  await mesh.close();
  process.exit(0);
};
process.once('SIGTERM', () => void end());
for await (const event of mesh.watch()) {
  if ('node' in event) {
    const state = event.type === 'node-gone' ? 'left' : event.node.state;
    const noticed = (event.node.observations ?? []).slice(-4).map(({ what, by }) => `${what} by ${by}`);
    process.stdout.write(`member ${event.node.name} ${state} ${event.node.id} ${noticed.join(', ')}\n`);
  }
}

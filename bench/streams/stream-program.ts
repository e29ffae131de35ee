import { createInterface } from 'node:readline';
import { connect, join, type Mesh } from 'fogata';

/**
 * A program of the bench: `echo WHERE`, `sink WHERE` and `subscriber WHERE`, beside the agent at the socket WHERE, or, where
 * that is `node:CLUSTER:PORT`, a node itself. Says `ready`, and answers each line of its input with what it has counted.
 */
const [role = '', where = ''] = process.argv.slice(2);

async function meshAt(place: string): Promise<Mesh> {
  const [kind, cluster = '', port = ''] = place.split(':');
  if (kind !== 'node') return connect(place);
  return join({ cluster, name: `${role}-${process.pid}`, port: Number(port) });
}

const mesh = await meshAt(where);
let count = 0;
if (role === 'subscriber') {
  let missed = 0;
  await mesh.serve('feed', () => void (count += 1), { onMissed: (more) => void (missed += more ?? 0) });
  createInterface({ input: process.stdin }).on('line', () => console.log(`${count} ${missed}`));
} else {
  await mesh.serve(role, ({ body }) => ({ body }), {
    inFlightMax: 65_536,
    onStream: (stream) => {
      const channel = stream.accept();
      if (role === 'echo') channel.pipe(channel);
      else channel.on('data', (bytes: Buffer) => void (count += bytes.length)).on('end', () => channel.end(`${count}`));
    },
  });
}
console.log('ready');

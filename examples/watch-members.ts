// Prints who is there and what changes, until ctrl-C. Start the agent first:  fogata up
// Run: npx tsx examples/watch-members.ts [EVENTS]
import { connect, type MeshEvent } from 'fogata';

const eventsMax = Number(process.argv[2] ?? 'Infinity');
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());

await using mesh = await connect();
let events = 0;
for await (const event of mesh.watch({ signal: stop.signal })) {
  console.log(lineOf(event));
  events += 1;
  if (events >= eventsMax) break;
}

function lineOf(event: MeshEvent): string {
  switch (event.type) {
    case 'ready':
      return `= that is all of ${mesh.self.cluster} for now`;
    case 'node-joined':
      return `+ ${event.node.name} at ${event.node.address}, found by ${event.node.foundBy.map((by) => by.method).join(', ') || 'itself'}`;
    case 'node-changed':
      return `~ ${event.node.name} is ${event.node.state}`;
    case 'node-gone':
      return `- ${event.node.name}`;
    case 'parted':
      return `! ${event.partition.there.join(', ')} fell silent together; ${event.partition.here} are here`;
    case 'healed':
      return `! they are back: ${event.partition.there.join(', ')}`;
    case 'instance-up':
      return `+ ${event.service}@${event.instance.node}`;
    case 'instance-changed':
      return `~ ${event.service}@${event.instance.node} is ${event.instance.state}, load ${event.instance.load ?? 'unknown'}`;
    case 'instance-gone':
      return `- ${event.service}@${event.instance.node}`;
  }
}

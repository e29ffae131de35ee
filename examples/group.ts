// Join a group, announce yourself, keep your health up to date, and be told of changes: what group membership libraries
// do. Here a group is a service. Run several of them: npx tsx examples/group.ts NAME [CLUSTER] [SECONDS]
import { join } from 'fogata';

const [name = `worker-${process.pid}`, cluster = 'group-example', seconds = '60'] = process.argv.slice(2);

// Join.
await using me = await join({ name, cluster });

// Announce: labels are for the others, and a message to the group reaches every member.
const membership = await me.serve(
  'workers',
  { news: ({ params, from }) => console.log(`${name}: ${from.node} says ${params['text'] ?? ''}`) },
  { labels: { pid: String(process.pid) } },
);

// Health: `down` keeps work away while there is somebody else, and the load says who is the better choice.
const health = setInterval(() => {
  const { heapUsed, heapTotal } = process.memoryUsage();
  membership.setLoad(heapUsed / heapTotal);
  membership.setState('up');
}, 1_000);

// Be told of changes.
const stop = new AbortController();
setTimeout(() => stop.abort(), Number(seconds) * 1_000).unref();
process.once('SIGINT', () => stop.abort());
for await (const event of me.watch({ signal: stop.signal })) {
  if (event.type === 'instance-up' && event.service === 'workers') {
    console.log(`${name}: ${event.instance.node} is here`);
    if (event.instance.node !== name)
      void me.publish('workers', 'news', { params: { text: `hello ${event.instance.node}` } });
  }
  if (event.type === 'instance-gone' && event.service === 'workers')
    console.log(`${name}: ${event.instance.node} has left`);
}

// Leave in order: the others know at once.
clearInterval(health);
await membership.withdraw();

// Two nodes find each other and talk. Run: npx tsx examples/hello-join.ts
import { answered, join } from 'fogata';

const cluster = `hello-${process.pid}`;

// Each would be a process of its own, on a host of its own. Here they share one.
await using greeter = await join({ name: 'greeter', cluster });
await using guest = await join({ name: 'guest', cluster });

await greeter.serve('greeting', {
  hello: ({ params, from }) => ({
    body: `Hello ${params['name'] ?? 'you'} on ${from.node}, I am ${greeter.self.name}.`,
  }),
});

// Nobody was given an address. Wait until the guest sees the service.
for await (const event of guest.watch()) {
  if (event.type === 'instance-up' && event.service === 'greeting') break;
}

const { body } = answered(await guest.call('greeting', 'hello', { params: { name: 'Ada' } }));
console.log(body);

// A stream is a Node Duplex to the best instance of a service. Start the agent first:  fogata up
// Run: npx tsx examples/streams.ts
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { connect, FogataError, type IncomingStream } from 'fogata';

await using packer = await connect({ program: 'packer' });
await using office = await connect({ program: 'office' });

/** Answers each line as it comes: both sides write and read as long as they like. */
async function count(stream: IncomingStream): Promise<void> {
  const channel = stream.accept();
  let words = 0;
  for await (const line of createInterface({ input: channel })) {
    words += line.split(' ').length;
    channel.write(`${words} words so far\n`);
  }
  channel.end(`${words} in all`);
}

/** Whoever reads slowly slows the writer, from end to end: nothing piles up. */
async function pack(stream: IncomingStream): Promise<void> {
  const level = Number(stream.params['level'] ?? 6);
  // A FogataError thrown before the accept refuses the stream.
  if (level > 9) throw new FogataError('invalid', 'the level is 0 to 9');
  const channel = stream.accept({ params: { encoding: 'gzip' } });
  await pipeline(channel, createGzip({ level }), channel);
}

await using served = await packer.serve('packer', {}, { onStream: { count, pack } });
console.log(`streams of ${served.service} are taken`);

const counting = await office.open('packer', 'count');
counting.write('one two three\n');
counting.end('four five\n');
console.log(await text(counting));

const packing = await office.open('packer', 'pack', { params: { level: '9' } });
const page = Readable.from(Array.from({ length: 1_000 }, () => 'the same line again and again\n'));
let bytes = 0;
await Promise.all([
  pipeline(page, packing, { end: true }),
  (async () => {
    for await (const piece of packing) bytes += (piece as Buffer).length;
  })(),
]);
console.log(
  `30000 bytes became ${bytes < 1_000 ? 'few' : 'many'}, ${packing.params['encoding']} by ${packing.instance.node}`,
);

// What does not begin rejects, with the code and reason of who refused it.
await office.open('packer', 'pack', { params: { level: '11' } }).catch((error: unknown) => {
  if (error instanceof FogataError) console.log(`refused (${error.code}): ${error.message}`);
});

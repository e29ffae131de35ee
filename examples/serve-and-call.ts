// A program beside an agent serves, another one calls. Start the agent first:  fogata up
// Run: npx tsx examples/serve-and-call.ts
import { answered, connect, FogataError } from 'fogata';

/** What a call of `add` expects back. */
interface Sum {
  readonly sum: number;
}

// connect() finds this host's agent by itself; FOGATA_AGENT names another.
await using calculator = await connect({ program: 'calculator' });
await using accounts = await connect({ program: 'accounts' });

await using served = await calculator.serve('calculator', {
  add: ({ params }) => {
    const numbers = (params['numbers'] ?? '').split(',').map(Number);
    // A FogataError travels to the caller with its code.
    if (numbers.some(Number.isNaN)) throw new FogataError('invalid', 'numbers are digits, split by commas');
    return { body: { sum: numbers.reduce((a, b) => a + b, 0) } };
  },
});

// The happy way: the reply, or a FogataError.
const { body } = answered(await accounts.call<Sum>('calculator', 'add', { params: { numbers: '1,2,39' } }));
console.log(`1 + 2 + 39 = ${body.sum}`);

// The careful way: every message has exactly one outcome.
const outcome = await accounts.call('calculator', 'add', { params: { numbers: 'x' }, deadlineMs: 2_000 });
if (outcome.outcome === 'refused') console.log(`refused (${outcome.code}): ${outcome.reason}`);

served.setLoad(0.5);

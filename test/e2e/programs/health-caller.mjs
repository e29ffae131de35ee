// Asks a service again and again through the agent of its host, by the proxy and by calls in turn, and writes a line
// for each answer: `TIME WAY NODE`, the time by Date.now() when the answer was whole.
// Usage: node health-caller.mjs SERVICE PAUSE_MS [AT_ONCE]
import { setTimeout as pause } from 'node:timers/promises';

const [service = 'crm', pauseMs = '10', atOnce = '1'] = process.argv.slice(2);
const agent = 'http://127.0.0.1:7471';

async function byProxy() {
  const response = await fetch(`${agent}/to/${service}/`);
  return response.ok ? response.text() : `failed-${response.status}`;
}

async function byCall() {
  const response = await fetch(`${agent}/v1/call/${service}/ask?raw=1`, { method: 'POST' });
  return response.ok ? response.text() : `failed-${response.status}`;
}

async function ask() {
  for (;;) {
    for (const way of ['proxy', 'call']) {
      const node = await (way === 'proxy' ? byProxy() : byCall()).catch(() => 'failed');
      process.stdout.write(`${Date.now()} ${way} ${node}\n`);
    }
    await pause(Number(pauseMs));
  }
}

await Promise.all(Array.from({ length: Number(atOnce) }, ask));

import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startAgent } from './lab/agent.ts';
import { openLab } from './lab/lab.ts';
import { canShareProcessors, openShare, type ProcessorShare } from './lab/processor-share.ts';
import { tell } from './lab/tell.ts';
import { until, untilTrue } from './lab/until.ts';

const file = (name: string) => fileURLToPath(new URL(`./programs/${name}.mjs`, import.meta.url));

/** Of one processor, for each host: little, so that a machine with other work reaches the limit and not its own. */
const processors = 0.5;

/** One leaves the host’s own programs every second turn: hardly burnt, its share would be near the bound. */
const burnersCount = 2;

/** Over which answers are counted. */
const windowMs = 5_000;

/** Two are equal: each has half of the calls. */
const evenShare = 0.5;

it.skipIf(!(await canShareProcessors()))(
  'a host whose processor is burnt by another program gets less than half of an even share within 2 s, and more again within 5 s',
  async () => {
    const lab = openLab();
    const shares: ProcessorShare[] = [];
    try {
      const erp = lab.addHost();
      const asker = await startAgent(lab, erp, { name: 'erp' });
      for (const name of ['crm1', 'crm2']) {
        const host = lab.addHost();
        const program = host.start('node', [file('health-program'), name, '8080']);
        await program.says(/ready/);
        const share = openShare(lab, name, processors);
        shares.push(share);
        const serve = ['crm=http://127.0.0.1:8080'];
        const agent = await startAgent(lab, host, { name, serve, prelude: share.prelude });
        for (const { pid } of [program, agent.process]) share.add(pid);
      }
      const loadOf = async (node: string) => {
        const { services } = await asker.services();
        return services[0]?.instances.find((each) => each.node === node)?.load ?? undefined;
      };
      await untilTrue('both are known', 10_000, async () => (await loadOf('crm2')) !== undefined);
      const caller = erp.start('node', [file('health-caller'), 'crm', '200', '8']);
      let burnt = 'crm1';
      /** The share of the burnt one in what was answered within so many milliseconds. */
      const shareOf = () => {
        const since = Date.now() - windowMs;
        const lines = caller.stdout.split('\n').filter((line) => Number(line.split(' ')[0]) > since);
        return lines.filter((line) => line.endsWith(burnt)).length / Math.max(1, lines.length);
      };
      await untilTrue('both are warm', 30_000, async () => {
        return Math.max((await loadOf('crm1')) ?? 1, (await loadOf('crm2')) ?? 1) < 0.4;
      });
      await pause(windowMs);
      if (shareOf() < evenShare) burnt = 'crm2';
      const before = shareOf();

      const burners = Array.from({ length: burnersCount }, () => erp.start('node', ['-e', 'for (;;);']));
      for (const { pid } of burners) shares[burnt === 'crm1' ? 0 : 1]?.add(pid);
      const begunAt = performance.now();
      const knownAfterMs = await until('it is known elsewhere', 5_000, async () =>
        ((await loadOf(burnt)) ?? 0) > 0.8 ? performance.now() - begunAt : undefined,
      );
      await pause(2_000 - knownAfterMs + windowMs);
      const during = shareOf();

      await Promise.all(burners.map((burner) => burner.kill()));
      const killedAt = performance.now();
      const freeAfterMs = await until('that it is free is known elsewhere', 5_000, async () =>
        ((await loadOf(burnt)) ?? 1) < 0.5 ? performance.now() - killedAt : undefined,
      );
      await pause(5_000 - freeAfterMs + windowMs);
      const after = shareOf();
      const percent = (share: number) => `${Math.round(share * 100)} %`;
      tell(
        `share of the burnt host: before ${percent(before)}, from 2 s on ${percent(during)}, from 5 s after on ${percent(after)}; known elsewhere after ${Math.round(knownAfterMs)} ms, and free again after ${Math.round(freeAfterMs)} ms`,
      );
      expect(during).toBeLessThan(evenShare / 2);
      expect(after).toBeGreaterThan(evenShare / 2);
    } finally {
      await lab.close();
      for (const share of shares) await share.remove();
    }
  },
);

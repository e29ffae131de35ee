import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

const source = new URL('./collect-young.ts', import.meta.url).href;
const script = `import { collectYoung } from '${source}'; collectYoung()(); console.log('lives');`;

it.each(['--no-warnings', '--freeze-flags-after-init', '--expose-gc', '--disallow-code-generation-from-strings'])(
  'a process begun with %s lives on',
  (flag) => {
    const args = [flag, '--import', 'tsx', '--input-type=module', '--eval', script];
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect({ stdout, stderr, status }).toEqual({ stdout: 'lives\n', stderr: '', status: 0 });
  },
);

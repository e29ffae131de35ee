// `npm start`: the demo, from a checkout in whatever state. Arguments after `--` replace the verb: npm start -- --help
import { runChild } from './run-child.mjs';
import { setup } from './setup.mjs';

const args = process.argv.slice(2);
process.exitCode = setup()
  ? await runChild(process.execPath, ['dist/cli/main.js', ...(args.length > 0 ? args : ['demo'])])
  : 1;

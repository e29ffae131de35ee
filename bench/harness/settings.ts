import { parseArgs } from 'node:util';
import { fullPace, type Pace, quickPace } from './pace.ts';
import { quickShapeNames, type Shape, shapeNames, shapeOf } from './shape.ts';

export interface Settings {
  readonly shapes: readonly Shape[];
  /** Empty: all. */
  readonly systems: readonly string[];
  readonly pace: Pace;
  readonly json: boolean;
  /** A directory for CPU profiles of our own processes. */
  readonly profiles: string | undefined;
}

export const usage = `npm run bench [-- options]
  --quick        in less than a minute: fewer shapes, short runs
  --only NAMES   shapes and systems, by commas: call:128:256,fogata-embedded; 'call' is all calls
  --rounds N     how often each is measured; the median counts
  --json         as its last line {"rows":[…]}
  --prof         CPU profiles of Fogata's processes, in .cache/bench-profiles
  --lacking …    systems that cannot be measured here (set by the script)`;

/** Throws what is wrong with them. */
export function settingsOf(args: readonly string[], systemNames: readonly string[]): Settings {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      prof: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string' },
      lacking: { type: 'string', default: '' },
    },
  });
  const pace = values.quick ? quickPace : fullPace;
  const rounds = Number(values.rounds ?? pace.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds is a whole number from 1');
  const only = values.only.flatMap((names) => names.split(',')).filter((name) => name !== '');
  const lacking = values.lacking.split(',');
  const wanted = only.filter((name) => systemNames.includes(name));
  return {
    shapes: shapesOf(
      only.filter((name) => !systemNames.includes(name)),
      values.quick,
    ),
    systems: systemNames.filter(
      (name) => !lacking.includes(name) && (wanted.length === 0 || wanted.includes(name) || name === 'tcp'),
    ),
    pace: { ...pace, rounds },
    json: values.json,
    profiles: values.prof ? '.cache/bench-profiles' : undefined,
  };
}

function shapesOf(names: readonly string[], quick: boolean): Shape[] {
  if (names.length === 0) return (quick ? quickShapeNames : shapeNames).map(shapeOf);
  return names.flatMap((name) => {
    const verb = shapeNames.filter((shape) => shape.split(':')[0] === name);
    return (verb.length > 0 ? verb : [name]).map(shapeOf);
  });
}

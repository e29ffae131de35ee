import type { Command } from 'commander';
import type { Mesh } from '../api/mesh.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { errorJson } from './error-json.ts';
import { exitCodeOf } from './exit-code.ts';
import { type Paint, paintFor } from './paint.ts';
import { showLine } from './show-text.ts';

/** What every verb is given. */
export interface VerbContext {
  readonly json: boolean;
  /** For what goes to standard output. */
  readonly paint: Paint;
  /** For what goes to standard error. */
  readonly errorPaint: Paint;
  /** A line of the answer. */
  print(line: string): void;
  printJson(value: unknown): void;
  /** A line beside the answer, for people: on standard error, so that pipes see only answers; under `--json` nowhere. */
  note(line: string): void;
  /** Through the agent named by `--agent`, or the usual one. Closed when the verb ends. */
  mesh(): Promise<Mesh>;
  /** Where the agent's Unix socket is; what is for its own user goes by that alone. Throws FogataError `config` when `--agent` names another way. */
  agentSocket(): Promise<string>;
}

interface SharedOptions {
  readonly agent?: string;
  readonly json?: boolean;
  readonly color?: boolean;
}

/** Runs a verb: its number is the exit code; what it throws is told in one line, or as JSON. */
export async function runVerb(command: Command, verb: (context: VerbContext) => Promise<number>): Promise<void> {
  const options = command.optsWithGlobals<SharedOptions>();
  const opened: Promise<Mesh>[] = [];
  const json = options.json === true;
  const context: VerbContext = {
    json,
    paint: paintFor(process.stdout, process.env, options.color !== false),
    errorPaint: paintFor(process.stderr, process.env, options.color !== false),
    print: (line) => void process.stdout.write(`${line}\n`),
    printJson: (value) => void process.stdout.write(`${JSON.stringify(value)}\n`),
    note: (line) => void (json || process.stderr.write(`${line}\n`)),
    mesh() {
      const mesh = openMesh(options.agent);
      opened.push(mesh);
      return mesh;
    },
    agentSocket: () => socketOf(options.agent),
  };
  try {
    process.exitCode = await verb(context);
  } catch (error) {
    const failure = FogataError.from(error);
    const line = `${context.errorPaint.red('fogata:')} ${showLine(failure.message, 1_000)}`;
    process.stderr.write(`${json ? errorJson(failure) : line}\n`);
    process.exitCode = exitCodeOf(failure);
  } finally {
    await Promise.all(opened.map((mesh) => mesh.then((each) => each.close()).catch(() => undefined)));
  }
}

async function openMesh(agent: string | undefined): Promise<Mesh> {
  const { connect } = await import('../client/connect.ts');
  return connect({ program: 'fogata-cli', ...(agent === undefined ? {} : { agent }) });
}

async function socketOf(agent: string | undefined): Promise<string> {
  const { agentLocation } = await import('../api/agent-location.ts');
  const { existsSync } = await import('node:fs');
  const { systemSurroundings } = await import('../agent/resolve-config.ts');
  const where = agent ?? agentLocation(systemSurroundings(), existsSync);
  const { agentTarget } = await import('../client/agent-target.ts');
  const target = agentTarget(where);
  if ('path' in target) return target.path;
  throw new FogataError('config', `this goes by the agent's Unix socket only, not by ${where}: give --agent its path`);
}

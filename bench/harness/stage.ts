import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Command, startCommand } from './command.ts';
import { type Program, startProgram } from './program.ts';

export const fogataMain = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

/** Where the processes of one system play: what it started it ends. */
export interface Stage {
  /** Its own, short enough for sockets in it. */
  readonly folder: string;
  readonly pids: readonly number[];
  /** One of the systems compared with; `profiled`: of ours, `--prof` is about it. */
  program(name: string, settings: unknown, profiled?: boolean): Promise<Program>;
  command(command: string, args: readonly string[], ready: RegExp): Promise<Command>;
  /** Something short that must succeed; returns its standard output. */
  done(command: string, args: readonly string[]): string;
  /** Our command line, profiled. */
  fogata(args: readonly string[], ready: RegExp): Promise<Command>;
  port(): Promise<number>;
  close(): Promise<void>;
}

export function openStage(profiles: string | undefined): Stage {
  const folder = mkdtempSync(join(tmpdir(), 'fogata-bench-'));
  const playing: (Program | Command)[] = [];
  const profFlags = profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`];
  const entered = <One extends Program | Command>(one: One): One => {
    playing.push(one);
    return one;
  };
  const command = async (name: string, args: readonly string[], ready: RegExp) =>
    entered(await startCommand(name, args, ready));
  return {
    folder,
    get pids() {
      return playing.map(({ pid }) => pid);
    },
    async program(name, settings, profiled = false) {
      return entered(await startProgram(name, settings, profiled ? profFlags : []));
    },
    command,
    fogata: (args, ready) => command(process.execPath, [...profFlags, fogataMain, ...args], ready),
    done(name, args) {
      const { status, stdout, stderr } = spawnSync(name, args, { encoding: 'utf8' });
      if (status !== 0) throw new Error(`${name} ${args.join(' ')}: ${stderr}`);
      return stdout;
    },
    port: freePort,
    async close() {
      // Clients first, so that nobody tries to reach who has gone.
      for (const one of playing.reverse()) await one.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const bound = server.address();
      server.close(() => resolve(bound !== null && typeof bound === 'object' ? bound.port : 0));
    });
  });
}

// lmstress as a user starts it: to its end, or as a server until the test is over.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const program = process.env.LMSTRESS;

// Its history of runs is none of the user's.
const home = mkdtempSync(join(tmpdir(), 'lmstress-browser-home-'));
process.once('exit', () => rmSync(home, { recursive: true, force: true }));
const env = { ...process.env, NO_COLOR: '1', XDG_DATA_HOME: home };

/** Runs it to its end: a promise of {code, stdout, stderr}, which has the process as its `child`. */
export function lmstress(...args) {
  let child;
  const end = new Promise((resolve) => {
    child = execFile(program, args, { maxBuffer: 16 << 20, env }, (error, stdout, stderr) =>
      resolve({ code: error ? (error.code ?? 1) : 0, stdout, stderr }),
    );
  });
  return Object.assign(end, { child });
}

/** Starts it and waits for the address that it prints: {url, stop()}. */
export async function server(...args) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], env });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  process.once('exit', () => child.kill('SIGTERM')); // also where a test broke off
  const stop = () => {
    child.kill('SIGTERM');
    return ended;
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const url = line.match(/http:\/\/[^\s/]+/)?.[0];
    if (url) return { url, stop };
  }
  throw new Error(`lmstress ${args.join(' ')} ended before it listened`);
}

/** The built-in server, fast, so that a level is over in a second. */
export const simulator = (...args) =>
  server(
    'sim',
    '--port',
    '0',
    '--step-base',
    '2ms',
    '--step-per-stream',
    '200us',
    '--prefill-per-token',
    '40us',
    ...args,
  );

/** For runs on a machine that does other things too: what a late client makes of a run is not the subject here. */
export const patient = [
  '--max-read-lag',
  '0',
  '--max-event-loop-lag',
  '0',
  '--max-send-lag',
  '0',
  '--max-client-cpu',
  '0',
  '--quiet',
];

/** A directory that is gone when the tests are over. */
export function scratch(t) {
  const directory = mkdtempSync(join(tmpdir(), 'lmstress-browser-'));
  t(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

// Makes a checkout ready to run: dependencies as in package-lock.json, dist as in src. Silent when it already is.
import './node-version.mjs';
import { fileURLToPath } from 'node:url';
import { build, isBuilt } from './build.mjs';
import { install, isInstalled } from './install.mjs';

/** Returns whether the checkout is ready; what went wrong has been printed. */
export function setup() {
  if (!isInstalled()) {
    console.error('Installing the dependencies (npm ci) …');
    if (!install()) return false;
  }
  if (!isBuilt()) {
    console.error('Building dist …');
    if (!build()) return false;
  }
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = setup() ? 0 : 1;

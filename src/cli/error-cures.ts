import type { ErrorCode } from '../protocol/error-code.ts';

/** What helps, for each code: the words of docs/errors.md, which a test compares. */
export const errorCures: Readonly<Record<ErrorCode, string>> = {
  'no-instance': 'Start one. fogata services shows who serves it, fogata resolve NAME how each instance stands.',
  unreachable: 'fogata nodes --why on both hosts shows what fails, and what helps.',
  busy: 'Wait and try again, send less at once, or start more instances.',
  failed: 'Read the reason and the log of that service. Whether it may be done again only the service can say.',
  'unknown-command': 'Correct the command; or start the newer version.',
  'too-large': 'Send it as a stream (open) or a file (fogata push), or make it smaller.',
  'not-allowed': 'Join with a (new) token of the cluster, or have it permitted.',
  duplicate: 'None is needed: it was done once.',
  draining: 'Try again: another instance takes it. If there is none, start one.',
  invalid: 'The message names what is wrong; correct it.',
  cancelled:
    'None, unless it was not meant. refused: no instance has it. unknown: one may have it, and may have done it in part.',
  'link-lost': 'It may or may not have been done. Send again only what is idempotent, or under the same message id.',
  deadline: 'Allow more time; look at the load of the instances. It may have been done.',
  protocol: 'Check what listens there; report it with both versions.',
  incompatible: 'Upgrade the older one (fogata nodes shows which).',
  closed: 'Join or connect again.',
  'no-agent': 'fogata up, or point the program at the right socket.',
  'address-in-use': 'Stop it, or choose another port; ss -lntup names who has it.',
  storage: 'Make room or mend it; nothing was called stored that is not.',
  config: 'The message names the key and what it may be.',
  'not-found': 'fogata nodes shows who is there, fogata key list the keys.',
};

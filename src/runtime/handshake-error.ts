import { systemError, systemErrorCode } from './system-error.ts';

/** OpenSSL's errors end with these words; before them stands where in its code it happened. */
const meanings: readonly (readonly [pattern: RegExp, meaning: string])[] = [
  [/wrong version number|packet length too long|http request/, 'the other side speaks no TLS: it has no key'],
  [/binder does not verify|no suitable signature algorithm|no shared cipher/, 'the other side has another key'],
  [
    /alert (?:handshake failure|illegal parameter|decrypt error|unknown psk identity|number 115)/,
    'the other side has another key',
  ],
];

/** An error of a TLS handshake as what it most likely means; any other error as it is. */
export function handshakeError(error: Error): Error {
  const code = systemErrorCode(error) ?? '';
  if (!code.startsWith('ERR_SSL_') && code !== 'EPROTO') return error;
  const meaning = meanings.find(([pattern]) => pattern.test(error.message))?.[1];
  return meaning === undefined ? systemError('EPROTO', `TLS: ${code}`) : systemError('EPROTO', meaning);
}

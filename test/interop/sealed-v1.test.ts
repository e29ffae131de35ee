import { describe, expect, it } from 'vitest';
import { decodeDatagram, encodeSealedDatagram } from '../../src/protocol/datagram.ts';
import { seal, unseal } from '../../src/trust/aead.ts';
import { derive, inviteSecret, keyIdBytesOf, linkSecret } from '../../src/trust/derive.ts';
import { drawEpoch, nonceOf } from '../../src/trust/epoch.ts';
import { encodeToken } from '../../src/trust/token.ts';
import { datagrams, tag } from './protocol-samples.ts';

// These bytes are the protocol, as those of protocol-v1.json are.
const vectors = './vectors/sealed-v1.json';

const cluster = 'home';
const key = Uint8Array.from({ length: 32 }, (_, index) => index);
const secret = Uint8Array.from({ length: 16 }, (_, index) => 255 - index);
const epoch = drawEpoch(0x0001_8bcf_e568, { next: () => 0, bytes: (count) => new Uint8Array(count).fill(0xaa) });
const datagramKey = derive(key, epoch.bytes, 'datagram', cluster, 32);
const nonce = nonceOf(epoch, 0x01_0203);
const payload = (datagrams['ping'] as Uint8Array).subarray(14);

const sealed = encodeSealedDatagram(
  {
    keyId: keyIdBytesOf(key, cluster),
    seal: (bytes, header) => ({ nonce, ciphertext: seal(datagramKey, nonce, header, bytes) }),
  },
  payload,
);

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('version 1, sealed', () => {
  it('is these bytes', async () => {
    const written = {
      cluster,
      key: hex(key),
      keyId: hex(keyIdBytesOf(key, cluster)),
      linkSecret: hex(linkSecret(key, cluster)),
      epoch: hex(epoch.bytes),
      datagramKey: hex(datagramKey),
      nonce: hex(nonce),
      payload: hex(payload),
      datagram: hex(sealed),
      invitation: { secret: hex(secret), inviteSecret: hex(inviteSecret(secret, cluster)) },
      token: encodeToken({
        cluster,
        addresses: [{ address: '192.0.2.1', port: 7472 }],
        invitation: '0011223344556677',
        secret,
        expiresAt: 1_800_000_000_000,
      }),
    };
    await expect(`${JSON.stringify(written, null, 2)}\n`).toMatchFileSnapshot(vectors);
  });

  it('is understood', () => {
    const open = ({ nonce: itsNonce, header, ciphertext }: Record<'nonce' | 'header' | 'ciphertext', Uint8Array>) =>
      unseal(datagramKey, itsNonce, header, ciphertext) ?? 'bad-seal';
    expect(decodeDatagram(sealed, tag, { open })).toEqual({ ok: true, version: 1, payload: Buffer.from(payload) });
  });
});

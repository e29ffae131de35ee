/** The first byte of a datagram's payload [D5]. */
export const PayloadKind = { beacon: 1, ping: 2, ack: 3, 'ping-request': 4, nack: 5, gossip: 6 } as const;

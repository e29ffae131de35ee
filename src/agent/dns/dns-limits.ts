// Every bound of the DNS face, each tested at n and n + 1.

/** A UDP answer to who says nothing of its size (RFC 1035, 2.3.4). */
export const plainBytesMax = 512;

/** A UDP answer to who takes more: it is fragmented nowhere (DNS Flag Day 2020). */
export const payloadBytesMax = 1_232;

/** An answer by TCP: its length is a `u16`. */
export const streamBytesMax = 65_535;

/** A query: one name, and options that are not looked at. By UDP the system cuts off what is longer than a datagram. */
export const queryBytesMax = 4_096;

/** A name with its lengths (RFC 1035, 2.3.4). */
export const dnsNameBytesMax = 255;

/** Instances of one answer, the best of them: what a client tries before it gives up is far less. */
export const instancesAnsweredMax = 256;

/** Answers of one agent per second: a program that asks in a loop must not take the agent's time from others. */
export const answersPerSecond = 10_000;

/** TCP connections at once: it is the way for long answers, and file descriptors are for links, too. */
export const connectionsMax = 128;

/** A TCP connection with no whole query for so long is closed (RFC 7766, 6.2.3: a few seconds). */
export const idleMs = 10_000;

/**
 * Seconds that an answer is good for, also that there is none: none at all. What was the best instance a second ago may be
 * dead, and a service that has just begun must not be hidden by an answer from before.
 */
export const ttlS = 0;

// Every bound of version 1 (docs/protocol.md, section 10), each tested at n and n + 1. Timings are not here: they come as a profile.

/** UDP port that all nodes of a host share for beacons [P1]. */
export const beaconPort = 7470;

/** Port a node takes when it is free, UDP for gossip and TCP for links [P2]. */
export const nodePortDefault = 7472;

/** How many ports from `nodePortDefault` on are tried [P2]: more nodes than this on one host is a mistake, not a cluster. */
export const nodePortsTried = 100;

/** IPv4 multicast group of beacons: administratively scoped, so no router carries it off the site [P1]. */
export const beaconGroupIpv4 = '239.192.74.70';

/** IPv6 multicast group of beacons: all nodes of the link, so that no snooping switch withholds it [P1]. */
export const beaconGroupIpv6 = 'ff02::1';

/** UDP port of mDNS, shared with whatever else speaks it on the host (RFC 6762). */
export const mdnsPort = 5353;

/** Multicast groups of mDNS: link-local, so that no router carries them (RFC 6762). */
export const mdnsGroupIpv4 = '224.0.0.251';
export const mdnsGroupIpv6 = 'ff02::fb';

/** A datagram that is sent: fits the smallest IPv6 path (1,280) with room for tunnels, so it is never fragmented [D1]. */
export const datagramBytesMax = 1_200;

/** A datagram that is accepted: room for a later version that sends larger ones, and yet no jumbo datagram costs work [D1]. */
export const datagramAcceptedBytesMax = 2_048;

/** What of a datagram is left to the payload when it is sealed; an open one keeps to the same, so a key changes no packing. */
export const payloadBytesMax = datagramBytesMax - 14 - 12 - 16;

/** A cluster, node or service name: one DNS label, so that names can be served by DNS [N7]. */
export const nameBytesMax = 63;

/** A command: as a name, it rides in every message. */
export const commandBytesMax = 63;

/** A body: what a program may reasonably hold several of in memory; larger things go by stream. */
export const bodyBytesMax = 1_048_576;

/** The head of a message or reply: all parameters together stay small beside the largest body. */
export const headBytesMax = 65_536;

/** A frame after its length field: the largest body, the largest head and as much again to grow into. */
export const frameBytesMax = 1_179_648;

/** A frame after its length field: the rest of the fixed header. */
export const frameBytesMin = 28;

/** The fixed header of a frame, its length field included. */
export const frameHeaderBytes = 32;

/** Parameters of one message: the header fields of an HTTP request fit. */
export const paramsMax = 64;

/** Name of a parameter: its length is a `u8`. */
export const paramNameBytesMax = 255;

/** Value of a parameter: its length is a `u16`. */
export const paramValueBytesMax = 65_535;

/** Texts for people in goaway, reset and replies: longer ones are cut, a reason is a line and not a stack trace. */
export const reasonBytesMax = 1_024;

/** Name of the software in a hello: its length is a `u8`. */
export const softwareBytesMax = 255;

/** Rows of a membership table: every node holds every row, and a digest of all of them fits one frame [M10]. */
export const membersMax = 2_000;

/** Addresses of one member: a member item with eight of them still leaves room for others in a datagram. */
export const addressesMax = 8;

/** Services of one node's record [R5]. */
export const servicesMax = 256;

/** Services listed in a beacon or a load item: their count is a `u8`. */
export const loadServicesMax = 255;

/** Labels of one service [R5]. */
export const labelsMax = 16;

/** Name or value of a label: its length is a `u8`. */
export const labelBytesMax = 255;

/** Key of a sticky choice: as a label, long enough for any identifier. */
export const stickyKeyBytesMax = 255;

/** A service's weight: it is a `u16`. 100 is normal. */
export const weightMax = 65_535;

/** A record: a kibibyte for each of 256 services, so that several fit one sync frame. */
export const recordBytesMax = 262_144;

/** A record that travels as a gossip item: it fits a datagram beside the sender's member item [R3]. */
export const recordGossipBytesMax = 900;

/** Items of one gossip packet: their count is a `u8`. */
export const itemsMax = 255;

/** Rows of a digest, wanted ids of a delta: the members and the dead that are remembered beside them [M8]. */
export const digestRowsMax = 2 * membersMax;

/** Items of one delta: a member, a record and a load for each row. */
export const deltaItemsMax = 3 * digestRowsMax;

/** Links a frame may cross: no useful mesh is wider, and a routing loop ends soon. */
export const hopsMax = 8;

/** Open streams of one link: bounds the table of a peer that only ever opens. */
export const streamsMax = 16_384;

/** Bytes of one data frame: streams on one link take turns at this grain. */
export const dataBytesMax = 65_536;

/**
 * Credit of a new stream in each direction [F7]: more than a new TCP connection may send at once, and yet ten thousand
 * streams that nobody reads hold 320 MiB and not gigabytes.
 */
export const streamCreditBytes = 32_768;

/** To which a stream's window grows that moves much [F7]: a gigabit's bandwidth times 8 ms. */
export const streamWindowBytesMax = 1_048_576;

/** What the windows of one link's streams may grow by, together [F7]: a node holds no more than that for a peer. */
export const linkWindowBytesMax = 67_108_864;

/** Above this many bytes that wait no stream adds to a link's queue: enough to keep a fast network busy. */
export const linkMarkBytes = 1_048_576;

/** Exchanges in flight of one node: bounds the table of what waits for a reply. */
export const exchangesMax = 65_536;

/** Messages of one delivered or alike frame [F15, F17]: as many as a program may have in flight, and yet settled within a millisecond. */
export const deliveredMax = 4_096;

/** Messages of one run [F19]: as many as are replied to together, and handed over within a few milliseconds. */
export const runMessagesMax = 4_096;

/** The reply of an alike frame [F17]: what a u16 can say. A longer one is worth a frame for each message. */
export const alikeReplyBytesMax = 65_535;

/** Message ids remembered against a second execution [F11]. */
export const executedMax = 65_536;

/** Bytes queued to one peer before a message is refused as `busy`: a peer that does not read must not fill our memory. */
export const queuedBytesMax = 16_777_216;

/** Programs linked to one agent: file descriptors and tables are finite. */
export const programsMax = 4_096;

/** The shortest deadline that says anything. */
export const deadlineMsMin = 1;

/** The longest deadline: work that may wait longer than a day is stored, not awaited. */
export const deadlineMsMax = 86_400_000;

/** The largest `u64` that is sent: every one of them is exact as a number [N1]. */
export const integerMax = Number.MAX_SAFE_INTEGER;

import { type Address, parseAddress } from '../protocol/address.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { checkCommand, isCommand } from '../protocol/names.ts';

export type Verb = 'call' | 'send' | 'publish' | 'open';

/** A program that speaks to more than so many has most of them checked anew: each may have a kilobyte of labels. */
const addressesMax = 256;

/** Addresses and commands of a program, checked. Most calls have those of a call before them. */
export class KnownNames {
  private readonly ofOne = new Map<string, Address>();
  private readonly ofAll = new Map<string, Address>();
  private lastCommand = '';

  /** Throws FogataError `invalid`. The same object for the same text, as long as it is known. */
  address(text: unknown, verb: Verb): Address {
    if (typeof text !== 'string') return addressOf(text, verb);
    // To publish is to mean all, and to mean one by the same text is another address.
    const addresses = verb === 'publish' ? this.ofAll : this.ofOne;
    const known = addresses.get(text);
    if (known !== undefined) return known;
    const address = addressOf(text, verb);
    if (addresses.size >= addressesMax) addresses.clear();
    addresses.set(text, address);
    return address;
  }

  /** Throws FogataError `invalid`. */
  command(text: unknown): string {
    if (text === this.lastCommand && this.lastCommand !== '') return this.lastCommand;
    if (typeof text !== 'string' || !isCommand(text)) throw badCommand(text);
    this.lastCommand = text;
    return text;
  }
}

function addressOf(text: unknown, verb: Verb): Address {
  if (typeof text !== 'string') throw new FogataError('invalid', 'the address is no text: "crm" or "crm@db1"');
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new FogataError('invalid', `address: ${parsed.reason}`);
  const { service, node, labels } = parsed.address;
  if (verb !== 'publish') {
    if (node !== '*') return parsed.address;
    throw new FogataError('invalid', `${verb} reaches one instance: publish to "${service}" to reach every one`);
  }
  if (node === '' || node === '*') return { service, node: '*', ...(labels === undefined ? {} : { labels }) };
  throw new FogataError('invalid', `publish reaches every instance: send to "${text}" to reach the one on ${node}`);
}

function badCommand(command: unknown): FogataError {
  const wrong = typeof command === 'string' ? checkCommand(command) : 'a command is a text';
  return new FogataError('invalid', `command: ${wrong ?? 'a command is a text'}`);
}

import type { Socket } from 'node:net';

interface UserBufferHandle {
  useUserBuffer(buffer: Uint8Array): void;
}

/**
 * What `onread` does for sockets that dial by themselves. Node has it in every socket and gives others no way to ask for it;
 * where its inside is not as it is expected to be, each read allocates what it brings, and that is all. `onRead` is told how
 * much of `buffer` a read has filled, instead of a 'data' event.
 */
export function readInto(socket: Socket, buffer: Uint8Array, onRead: (count: number) => void): void {
  const handle: unknown = Reflect.get(socket, '_handle');
  const symbols = Object.getOwnPropertySymbols(socket);
  const slotOf = (name: string) => symbols.find(({ description }) => description === name);
  const bufferSlot = slotOf('kBuffer');
  const callbackSlot = slotOf('kBufferCb');
  if (bufferSlot === undefined || callbackSlot === undefined || !takesBuffer(handle)) return;
  if (Reflect.get(socket, bufferSlot) !== null || Reflect.get(socket, callbackSlot) !== null) return;
  handle.useUserBuffer(buffer);
  Reflect.set(socket, bufferSlot, buffer);
  Reflect.set(socket, callbackSlot, (count: number) => {
    onRead(count);
    return true;
  });
}

function takesBuffer(handle: unknown): handle is UserBufferHandle {
  return (
    typeof handle === 'object' &&
    handle !== null &&
    'useUserBuffer' in handle &&
    typeof handle.useUserBuffer === 'function'
  );
}

// The kernel's news of processes (linux/connector.h, linux/cn_proc.h): the request for them, and
// what they say, in the machine's byte order. Threads are not processes: their news are left out.
import type { ProcessNews } from '../ports/process-list.js';
import { decodeMessages, encodeMessage } from './netlink.js';

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
const messageTypeDone = 3;
/** CN_IDX_PROC and CN_VAL_PROC. */
const processes = 1;
const listen = 1;
const connectorHeaderBytes = 20;
/** what, cpu and time stamp. */
const eventHeaderBytes = 16;

const happened = { none: 0, fork: 0x1, exec: 0x2, name: 0x200, exit: 0x8000_0000 } as const;

/** "Tell me from now on." */
export function encodeListening(): Uint8Array {
  const payload = new Uint8Array(connectorHeaderBytes + 4);
  const view = new DataView(payload.buffer);
  view.setUint32(0, processes, isLittleEndian);
  view.setUint32(4, processes, isLittleEndian);
  view.setUint16(16, 4, isLittleEndian);
  view.setUint32(connectorHeaderBytes, listen, isLittleEndian);
  return encodeMessage({ type: messageTypeDone, flags: 0, sequence: 0, payload });
}

/** All of one datagram; malformed ones say nothing. */
export function decodeNews(datagram: Uint8Array): readonly ProcessNews[] {
  const messages = decodeMessages(datagram);
  if (messages.isErr()) return [];
  return messages.value.flatMap(({ payload }) => newsOf(payload) ?? []);
}

function newsOf(payload: Uint8Array): ProcessNews | null {
  if (payload.length < connectorHeaderBytes + eventHeaderBytes + 8) return null;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  if (view.getUint32(0, isLittleEndian) !== processes) return null;
  const what = view.getUint32(connectorHeaderBytes, isLittleEndian);
  const at = connectorHeaderBytes + eventHeaderBytes;
  // Each tells the task, then its process; a fork tells those of the parent first.
  const offset = what === happened.fork ? at + 8 : at;
  if (payload.length < offset + 8) return null;
  const task = view.getInt32(offset, isLittleEndian);
  const pid = view.getInt32(offset + 4, isLittleEndian);
  switch (what) {
    case happened.none: {
      const errorNumber = view.getUint32(at, isLittleEndian);
      return errorNumber === 0 ? null : { type: 'lost', reason: `refused with ${errorNumber}` };
    }
    case happened.fork:
      return task === pid ? { type: 'changed', pid } : null;
    case happened.exec:
      return { type: 'changed', pid };
    case happened.name:
      return task === pid ? { type: 'changed', pid } : null;
    case happened.exit:
      return task === pid ? { type: 'ended', pid } : null;
    default:
      return null;
  }
}

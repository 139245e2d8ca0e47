// The keywords of global_defs about the receive buffers of sockets.
import { keptTable, setting } from './keywords.js';
import { integer, onOff } from './phrases.js';
import { receiveBuffers } from './receive-buffers.js';
import { exactly, needed } from './word-count.js';

const uint32Max = 4_294_967_295;
const bytes = needed({ ...integer(0, uint32Max), shape: `BYTES 0-${uint32Max}` });
const asKernel = { defaultText: 'as the kernel has it' };
const off = { fallback: false };

export const globalBufferTable = keptTable({
  vrrp_rx_bufs_policy: setting(
    'Size of the buffers for adverts: for the MTU, for the longest advert, or in bytes.',
    receiveBuffers,
    asKernel,
  ),
  vrrp_rx_bufs_multiplier: setting(
    'How many packets the buffers for adverts hold.',
    exactly(needed(integer(1, uint32Max))),
    { fallback: 3 },
  ),
  vrrp_netlink_cmd_rcv_bufs: setting(
    'Buffer for the answers of the kernel to VRRP.',
    bytes,
    asKernel,
  ),
  vrrp_netlink_cmd_rcv_bufs_force: setting(
    'vrrp_netlink_cmd_rcv_bufs may exceed the limit of the system.',
    onOff,
    off,
  ),
  vrrp_netlink_monitor_rcv_bufs: setting(
    'Buffer for what the kernel tells VRRP of links, addresses and routes.',
    bytes,
    asKernel,
  ),
  vrrp_netlink_monitor_rcv_bufs_force: setting(
    'vrrp_netlink_monitor_rcv_bufs may exceed the limit of the system.',
    onOff,
    off,
  ),
  process_monitor_rcv_bufs: setting(
    'Buffer for what the kernel tells of tracked processes.',
    bytes,
    asKernel,
  ),
  process_monitor_rcv_bufs_force: setting(
    'process_monitor_rcv_bufs may exceed the limit of the system.',
    onOff,
    off,
  ),
  lvs_netlink_cmd_rcv_bufs: setting(
    'Buffer for the answers of the kernel to the checkers.',
    bytes,
    asKernel,
  ),
  lvs_netlink_cmd_rcv_bufs_force: setting(
    'lvs_netlink_cmd_rcv_bufs may exceed the limit of the system.',
    onOff,
    off,
  ),
  lvs_netlink_monitor_rcv_bufs: setting(
    'Buffer for what the kernel tells the checkers of links and addresses.',
    bytes,
    asKernel,
  ),
  lvs_netlink_monitor_rcv_bufs_force: setting(
    'lvs_netlink_monitor_rcv_bufs may exceed the limit of the system.',
    onOff,
    off,
  ),
});

// tunnel_group (DPVS): tunnel interfaces of the data plane that are made at start.
import { headed, keptTable, setting } from './keywords.js';
import { address, choice, word } from './phrases.js';

export const tunnelEntryTable = keptTable({
  kind: setting('Encapsulation of the tunnel.', choice('ipip', 'gre')),
  remote: setting('Address of the other end.', address),
  local: setting('Address of this end.', address),
  if: setting('Port of the data plane that the tunnel goes through.', word('PORT')),
});

export const tunnelGroupTable = {
  tunnel_entry: headed('A tunnel interface of this name.', word('NAME'), tunnelEntryTable),
};

export const tunnelGroupRootTable = keptTable({
  tunnel_group: headed('Tunnels that belong together.', word('NAME'), tunnelGroupTable),
});

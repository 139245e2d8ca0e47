// Configurations and facts that tests of announcements are about, as the language writes them.
import { formatPrefix } from '../../../src/net/prefix.js';
import type { AnnouncementPlan } from '../../../src/routing/announcement/announced-address.js';
import { announcementPlan } from '../../../src/routing/announcement/plan.js';
import type { ServiceFact } from '../../../src/routing/announcement/verdict.js';
import type { AnnouncementEffect } from '../../../src/routing/announcements.js';
import { configOf } from '../../config/text.js';

export const plane = 'dataplane {\nport dpdk0 {\ndevice net_null0\n}\n}\n';

export const edge = `bgp_instance edge {
local_as 64512
allow {
203.0.113.0/24 le 32
2001:db8:1::/64 le 128
}
neighbor 192.0.2.254 {
remote_as 65000
address_family ipv4
address_family ipv6
next_hop 2001:db8::1
med 20
}
}
`;

export function server(endpoint: string, announce: string, more = ''): string {
  const block = announce === '' ? '' : `announce {\n${announce}\n}\n`;
  return `virtual_server ${endpoint} {\nlb_algo rr\nlvs_method DR\nprotocol TCP\n${block}${more}
real_server 198.51.100.1 80 {\n}\n}\n`;
}

export function instance(name: string, address: string, announce: string): string {
  const block = announce === '' ? '' : `announce {\n${announce}\n}\n`;
  const id = name.length;
  return `vrrp_instance ${name} {\ninterface eth0\nvirtual_router_id ${id}
virtual_ipaddress {\n${address}\n}\n${block}}\n`;
}

export function planOf(text: string): AnnouncementPlan {
  return announcementPlan(configOf(text).config);
}

/** `up` of `total` servers; its quorum is one of them unless it is said. */
export function service(
  name: string,
  up: number,
  total: number,
  more: Partial<ServiceFact> = {},
): ServiceFact {
  return {
    service: `${name} TCP`,
    hasQuorum: up > 0,
    hasSorryServer: false,
    serversUp: up,
    serversTotal: total,
    ...more,
  };
}

/** Effects in short: "+203.0.113.9/32 lo", "edge: 203.0.113.9/32 med 20 leaving". */
export function told(effects: readonly AnnouncementEffect[]): readonly string[] {
  return effects.map(shortOf);
}

function shortOf(effect: AnnouncementEffect): string {
  switch (effect.type) {
    case 'add_address':
      return `+${formatPrefix(effect.address.prefix)} ${effect.address.interface}`;
    case 'remove_address':
      return `-${formatPrefix(effect.address.prefix)} ${effect.address.interface}`;
    case 'announce_bgp': {
      const routes = effect.routes.map(({ prefix, attributes, isShuttingDown }) => {
        const med = attributes.med == null ? '' : ` med ${attributes.med}`;
        return `${formatPrefix(prefix)}${med}${isShuttingDown ? ' leaving' : ''}`;
      });
      return `${effect.instance}: ${routes.join(', ')}`.trimEnd();
    }
    case 'announce_ospf': {
      const prefixes = effect.prefixes.map(
        ({ prefix, metric }) => `${formatPrefix(prefix)} metric ${metric}`,
      );
      return `${effect.instance}: ${prefixes.join(', ')}`.trimEnd();
    }
    case 'changed':
      return `${effect.address} ${effect.from} > ${effect.to}`;
  }
}

// What the control thread tells and asks Announcing on the main thread, and what comes back: plain
// data. The unions of messages.ts take them in, one case each.
import type { IpAddress } from '../net/address.js';
import type { AnnouncementPlan } from '../routing/announcement/announced-address.js';
import type { ServiceFact } from '../routing/announcement/verdict.js';
import type { Drains } from '../routing/announcements.js';
import type { Announcing } from './announcing.js';
import type { AnnouncementStatus, WhyReport } from './why-report.js';

export type ToAnnouncing =
  /** Before the first plan, so that nothing that is drained is announced. */
  | { readonly type: 'drains'; readonly drains: Drains }
  | { readonly type: 'announcement_plan'; readonly plan: AnnouncementPlan }
  | { readonly type: 'service_facts'; readonly facts: readonly ServiceFact[] }
  | { readonly type: 'why_asked'; readonly id: number; readonly address: IpAddress }
  | { readonly type: 'announcements_asked'; readonly id: number };

export type FromAnnouncing =
  /** null: the file does not announce it. */
  | { readonly type: 'why_answered'; readonly id: number; readonly why: WhyReport | null }
  | {
      readonly type: 'announcements_answered';
      readonly id: number;
      readonly statuses: readonly AnnouncementStatus[];
    };

/** What is to be sent back; null: nothing. */
export function hear(announcing: Announcing, message: ToAnnouncing): FromAnnouncing | null {
  switch (message.type) {
    case 'drains':
      announcing.drain(message.drains);
      return null;
    case 'announcement_plan':
      announcing.configure(message.plan);
      return null;
    case 'service_facts':
      announcing.services(message.facts);
      return null;
    case 'why_asked':
      return { type: 'why_answered', id: message.id, why: announcing.why(message.address) };
    case 'announcements_asked': {
      const statuses = announcing.statuses();
      return { type: 'announcements_answered', id: message.id, statuses };
    }
  }
}

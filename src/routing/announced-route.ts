// What announcements.ts wants a neighbour to know, and what the speakers make true.
import type { RouteAttributes } from '../config/bgp.js';
import type { Prefix } from '../net/prefix.js';

/** One prefix for every neighbour of a bgp_instance that allows it. */
export type AnnouncedRoute = {
  readonly prefix: Prefix;
  /** Over the neighbour's own attributes. */
  readonly attributes: Partial<RouteAttributes>;
  /** RFC 8326: GRACEFUL_SHUTDOWN is added, and LOCAL_PREF is 0 inside our AS. */
  readonly isShuttingDown: boolean;
};

// What announcements want an OSPF router to originate.
import type { Prefix } from '../net/prefix.js';

/** One prefix of an ospf_instance, which its list allows. */
export type AnnouncedPrefix = {
  readonly prefix: Prefix;
  readonly metric: number;
  readonly metricType: 'stub' | '1' | '2';
  readonly tag: number;
};

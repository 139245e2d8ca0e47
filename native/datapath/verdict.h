/*
 * Owner: nobody, this is a list. Threads: any. Lifetime: the program.
 * Verdicts of packets, from verdict.def.
 */
#ifndef KS_DATAPATH_VERDICT_H
#define KS_DATAPATH_VERDICT_H

enum ks_verdict_class {
	KS_CLASS_FORWARD,
	KS_CLASS_REPLY,
	KS_CLASS_PUNT,
	KS_CLASS_STEER,
	KS_CLASS_DROP,
};

enum ks_verdict {
#define KS_VERDICT(name, class, sentence) KS_VERDICT_##name,
#include "verdict.def"
#undef KS_VERDICT
	KS_VERDICT_COUNT,
};

#endif

/* The schedulers by number. */
#include "scheduler.h"

ks_scheduler_function *const ks_schedulers[KS_SCHEDULERS] = {
	[KS_SCHEDULER_ROUND_ROBIN] = ks_schedule_round_robin,
	[KS_SCHEDULER_WEIGHTED_ROUND_ROBIN] = ks_schedule_weighted_round_robin,
	[KS_SCHEDULER_LEAST_CONNECTION] = ks_schedule_least_connection,
	[KS_SCHEDULER_WEIGHTED_LEAST_CONNECTION] = ks_schedule_weighted_least_connection,
	[KS_SCHEDULER_SHORTEST_EXPECTED_DELAY] = ks_schedule_shortest_expected_delay,
	[KS_SCHEDULER_NEVER_QUEUE] = ks_schedule_never_queue,
	[KS_SCHEDULER_FAILOVER] = ks_schedule_failover,
	[KS_SCHEDULER_OVERFLOW] = ks_schedule_overflow,
	[KS_SCHEDULER_SOURCE_HASH] = ks_schedule_source_hash,
	[KS_SCHEDULER_DESTINATION_HASH] = ks_schedule_destination_hash,
	[KS_SCHEDULER_MAGLEV] = ks_schedule_maglev,
	[KS_SCHEDULER_CONSISTENT_HASH] = ks_schedule_consistent_hash,
	[KS_SCHEDULER_LOCALITY_LEAST_CONNECTION] = ks_schedule_locality,
	[KS_SCHEDULER_LOCALITY_LEAST_CONNECTION_REPLICATION] = ks_schedule_locality_replication,
};

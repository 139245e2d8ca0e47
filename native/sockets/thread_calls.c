#include "thread_calls.h"

#include "values.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

napi_value
ks_set_real_time(napi_env env, napi_callback_info call)
{
	napi_value argument;
	struct sched_param param = {0};
	uint32_t priority;
	int policy;

	if (!ks_arguments(env, call, 1, &argument) || !ks_read_uint32(env, argument, &priority))
		return NULL;
	param.sched_priority = (int)priority;
	policy = priority == 0 ? SCHED_OTHER : SCHED_RR | SCHED_RESET_ON_FORK;
	return ks_number(env, sched_setscheduler(0, policy, &param) == 0 ? 0 : -errno);
}

napi_value
ks_set_processors(napi_env env, napi_callback_info call)
{
	napi_value argument;
	cpu_set_t set;
	const void *mask;
	size_t length;

	if (!ks_arguments(env, call, 1, &argument) || !ks_read_bytes(env, argument, &mask, &length))
		return NULL;
	if (length > sizeof(set))
		return ks_number(env, -EINVAL);
	CPU_ZERO(&set);
	memcpy(&set, mask, length);
	return ks_number(env, sched_setaffinity(0, sizeof(set), &set) == 0 ? 0 : -errno);
}

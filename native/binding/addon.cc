/*
 * The calls that JavaScript can make; no logic. Each answers { value }, { refused: sentence } or,
 * from open alone, { differences: [...] }. Only src/dataplane/native.ts loads this.
 */
#include <napi.h>

#include "convert.h"
#include "counters.h"

static Napi::Value
value_of(Napi::Env env, const Napi::Value &value)
{
	Napi::Object answer = Napi::Object::New(env);

	answer.Set("value", value);
	return answer;
}

static Napi::Value
refused(Napi::Env env, const std::string &reason)
{
	Napi::Object answer = Napi::Object::New(env);

	answer.Set("refused", reason);
	return answer;
}

/* Whether the call may go on; else what to answer. */
static bool
is_ready(Napi::Env env, const Problems &problems, Napi::Value *answer)
{
	if (!problems.wrong.empty())
		*answer = refused(env, problems.wrong);
	else if (!ks_is_open())
		*answer = refused(env, "the data plane is not open");
	else
		return true;
	return false;
}

static Napi::Value
open(const Napi::CallbackInfo &call)
{
	Napi::Env env = call.Env();
	ks_open_options options;
	ks_reason reason = {};
	Problems problems;

	read_open_options(call[0], &options, &problems);
	if (!problems.wrong.empty())
		return refused(env, problems.wrong);
	switch (ks_open(&options, &reason)) {
	case KS_OPENED:
		return value_of(env, env.Null());
	case KS_OPEN_REFUSED:
		return refused(env, reason.text);
	case KS_OPEN_RESTART_NEEDED:
		break;
	}

	Napi::Object answer = Napi::Object::New(env);

	answer.Set("differences", lines_to_js(env, reason.text));
	return answer;
}

static void
collect_refusal(void *context, uint32_t index, const char *reason)
{
	static_cast<std::vector<Refusal> *>(context)->push_back({index, reason});
}

static Napi::Value
apply(const Napi::CallbackInfo &call)
{
	Napi::Env env = call.Env();
	Napi::Value answer;
	Problems problems;
	std::vector<ks_change> changes;
	std::vector<Refusal> refusals;

	read_changes(call[0], &changes, &problems);
	if (!is_ready(env, problems, &answer))
		return answer;
	ks_apply(changes.data(), static_cast<uint32_t>(changes.size()), collect_refusal, &refusals);
	return value_of(env, refusals_to_js(env, refusals));
}

static Napi::Value
lease(const Napi::CallbackInfo &call)
{
	Napi::Env env = call.Env();
	Napi::Value answer;
	Problems problems;
	std::string holder, device;
	std::vector<ks_prefix> prefixes;
	uint64_t duration_ms = 0;
	ks_reason reason;

	read_name(call[0], "holder", &holder, &problems);
	read_name(call[1], "device", &device, &problems);
	read_prefixes(call[2], &prefixes, &problems);
	read_duration(call[3], &duration_ms, &problems);
	if (!is_ready(env, problems, &answer))
		return answer;
	if (ks_lease(holder.c_str(), device.c_str(), prefixes.data(),
		    static_cast<uint32_t>(prefixes.size()), duration_ms, &reason) != 0)
		return refused(env, reason.text);
	return value_of(env, env.Null());
}

static Napi::Value
release(const Napi::CallbackInfo &call)
{
	Napi::Env env = call.Env();
	Napi::Value answer;
	Problems problems;
	std::string holder;
	std::vector<ks_prefix> prefixes;
	ks_reason reason;

	read_name(call[0], "holder", &holder, &problems);
	read_prefixes(call[1], &prefixes, &problems);
	if (!is_ready(env, problems, &answer))
		return answer;
	if (ks_release(holder.c_str(), prefixes.data(), static_cast<uint32_t>(prefixes.size()),
		    &reason) != 0)
		return refused(env, reason.text);
	return value_of(env, env.Null());
}

static Napi::Value
announce(const Napi::CallbackInfo &call)
{
	Napi::Env env = call.Env();
	Napi::Value answer;
	Problems problems;
	std::string device;
	std::vector<ks_prefix> prefixes;
	ks_reason reason;

	read_name(call[0], "device", &device, &problems);
	read_prefixes(call[1], &prefixes, &problems);
	if (!is_ready(env, problems, &answer))
		return answer;
	if (ks_announce(device.c_str(), prefixes.data(), static_cast<uint32_t>(prefixes.size()),
		    &reason) != 0)
		return refused(env, reason.text);
	return value_of(env, env.Null());
}

static Napi::Value
query(const Napi::CallbackInfo &call)
{
	Napi::Env env = call.Env();
	Napi::Value answer;
	Problems problems;
	std::string kind;

	read_name(call[0], "kind", &kind, &problems);
	if (!is_ready(env, problems, &answer))
		return answer;
	answer = rows_to_js(env, kind);
	return answer.IsUndefined() ? refused(env, "there are no " + kind) : value_of(env, answer);
}

static Napi::Value
connections(const Napi::CallbackInfo &call)
{
	Napi::Env env = call.Env();
	Napi::Value answer;
	Problems problems;
	ks_connection_filter filter;

	read_connection_filter(call[0], &filter, &problems);
	if (!is_ready(env, problems, &answer))
		return answer;
	return value_of(env, connections_to_js(env, filter));
}

static Napi::Value
traffic(const Napi::CallbackInfo &call)
{
	Napi::Env env = call.Env();
	Napi::Value answer;

	if (!is_ready(env, {}, &answer))
		return answer;
	return value_of(env, traffic_to_js(env, call[0].ToNumber().Uint32Value(),
				     call[1].ToNumber().Uint32Value()));
}

static Napi::Value
close(const Napi::CallbackInfo &call)
{
	ks_close();
	return value_of(call.Env(), call.Env().Null());
}

static Napi::Object
init(Napi::Env env, Napi::Object exports)
{
	exports.Set("open", Napi::Function::New(env, open, "open"));
	exports.Set("apply", Napi::Function::New(env, apply, "apply"));
	exports.Set("lease", Napi::Function::New(env, lease, "lease"));
	exports.Set("release", Napi::Function::New(env, release, "release"));
	exports.Set("announce", Napi::Function::New(env, announce, "announce"));
	exports.Set("query", Napi::Function::New(env, query, "query"));
	exports.Set("connections", Napi::Function::New(env, connections, "connections"));
	exports.Set("traffic", Napi::Function::New(env, traffic, "traffic"));
	exports.Set("close", Napi::Function::New(env, close, "close"));
	/* Workers must not run into a process that is taking itself apart. */
	env.AddCleanupHook([]() { ks_close(); });
	return exports;
}

NODE_API_MODULE(dataplane, init)

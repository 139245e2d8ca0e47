# What the comparisons beside bench_datapath need, without DPDK: build/native-bench/inject_flows.

OUT := ../../build/native-bench
WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Werror

$(OUT)/inject_flows: inject_flows.c
	@mkdir -p $(@D)
	@$(CC) -std=gnu11 -O2 -g $(WARNINGS) $< -o $@

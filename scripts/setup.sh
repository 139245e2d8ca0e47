#!/usr/bin/env bash
# Makes this checkout ready: Debian packages, npm packages, grammar, TypeScript, native code.
# Idempotent: what is there already is left alone. Prints one line per thing that it does.
# --bench: also what only `npm run bench -- end-to-end` needs, the load and the rivals.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
	build-essential pkg-config python3
	libdpdk-dev libpcre2-dev
	clang-14 libclang-rt-14-dev clang-format-14 valgrind
	iproute2 procps nftables curl openssl tcpdump tshark
	keepalived frr bird2 exabgp gobgpd nginx-light opensmtpd unbound
)
bench_packages=(wrk iperf3 ethtool haproxy dpdk)

say() { printf 'setup: %s\n' "$*"; }
fail() {
	printf 'setup: %s\n' "$*" >&2
	exit 1
}

read_options() {
	local option
	for option; do
		case $option in
		--bench) packages+=("${bench_packages[@]}") ;;
		*) fail "no option \"$option\": --bench is the only one" ;;
		esac
	done
}

node_wanted='Keelson needs version 20 or newer'

check_node() {
	command -v node >/dev/null || fail "Node.js is not installed: $node_wanted"
	local major
	major=$(node -p 'process.versions.node.split(".")[0]')
	[ "$major" -ge 20 ] || fail "Node.js $(node -v) is too old: $node_wanted"
}

missing_packages() {
	local installed
	installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' 2>/dev/null |
		awk '$2 == "installed" {print $1}')
	comm -23 <(printf '%s\n' "${packages[@]}" | sort -u) <(sort -u <<<"$installed")
}

# Services that a package brings (nginx, keepalived, frr and others) must not start on the machine
# itself.
forbid_service_starts() {
	[ -e /usr/sbin/policy-rc.d ] && return
	printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
	chmod 755 /usr/sbin/policy-rc.d
	trap 'rm -f /usr/sbin/policy-rc.d' EXIT
}

install_packages() {
	local missing
	mapfile -t missing < <(missing_packages)
	[ ${#missing[@]} -eq 0 ] && return
	say "installing Debian packages: ${missing[*]}"
	[ "$(id -u)" -eq 0 ] || fail "as root, run: apt-get install ${missing[*]}"
	forbid_service_starts
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq
	apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

install_modules() {
	local stamp=node_modules/.keelson-lock
	if cmp -s package-lock.json "$stamp"; then return; fi
	say 'installing npm packages'
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	cp package-lock.json "$stamp"
}

read_options "$@"
check_node
install_packages
install_modules
scripts/build.sh

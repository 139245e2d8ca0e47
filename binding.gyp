{
  'targets': [
    {
      # The data plane: DPDK in C, and the only C++ between it and src/dataplane/native.ts.
      'target_name': 'dataplane',
      'sources': [
        '<!@(ls native/datapath/*.c native/control/*.c native/binding/*.cc)',
      ],
      'defines': ['_GNU_SOURCE', 'NAPI_VERSION=8', 'NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS'],
      'cflags': [
        '<!@(pkg-config --cflags libdpdk | sed "s/-I/-isystem/g")',
        '-isystem<(module_root_dir)/node_modules/node-addon-api',
        '-march=x86-64-v2',
        '-fvisibility=hidden',
        '-Wall',
        '-Wextra',
        '-Wshadow',
        '-Wconversion',
        '-Werror',
      ],
      # The linker sees the packet path as a whole: docs/decisions/0017.
      'cflags_c': ['-std=gnu11', '-O3', '-flto', '-Wstrict-prototypes', '-Wmissing-prototypes'],
      'cflags_cc': ['-fno-exceptions'],
      'ldflags': ['-O3', '-flto=2', '-march=x86-64-v2'],
      'libraries': ['<!@(pkg-config --libs libdpdk)', '-lbpf'],
    },
    {
      # Netlink, Ethernet frames, syslog, file locks: plain C on Node-API for src/host/sockets.ts.
      'target_name': 'sockets',
      'sources': ['<!@(ls native/sockets/*.c)'],
      'defines': ['_GNU_SOURCE', 'NAPI_VERSION=8'],
      'cflags': [
        '-fvisibility=hidden',
        '-Wall',
        '-Wextra',
        '-Wshadow',
        '-Wconversion',
        '-Werror',
      ],
      'cflags_c': ['-std=gnu11', '-O2', '-Wstrict-prototypes', '-Wmissing-prototypes'],
    },
    {
      # Regular expressions of HTTP_GET: PCRE2 for src/host/regex.ts.
      'target_name': 'regex',
      'sources': ['native/sockets/values.c', '<!@(ls native/regex/*.c)'],
      'defines': ['_GNU_SOURCE', 'NAPI_VERSION=8'],
      'cflags': [
        '-fvisibility=hidden',
        '-Wall',
        '-Wextra',
        '-Wshadow',
        '-Wconversion',
        '-Werror',
      ],
      'cflags_c': ['-std=gnu11', '-O2', '-Wstrict-prototypes', '-Wmissing-prototypes'],
      'libraries': ['-lpcre2-8'],
    },
  ],
}

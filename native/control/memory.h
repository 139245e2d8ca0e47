/*
 * Owner: the caller of ks_memory_map. Threads: any. Lifetime: until ks_memory_unmap.
 *
 * Large arrays that workers read and write at random: huge pages where they can be had (reserved
 * ones first, then transparent ones), zeroed, 64-byte aligned, touched only when used.
 */
#ifndef KS_CONTROL_MEMORY_H
#define KS_CONTROL_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Reserved huge pages only with may_reserve. Ends the process when there is no memory. */
void *ks_memory_map(size_t bytes, bool may_reserve);
void ks_memory_unmap(void *memory, size_t bytes);

#endif

#include "memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define HUGE_PAGE_BYTES ((size_t)2 << 20)

static size_t
rounded(size_t bytes)
{
	return (bytes + HUGE_PAGE_BYTES - 1) & ~(HUGE_PAGE_BYTES - 1);
}

/* Maps a page more than asked and gives back what lies outside the aligned part. */
static void *
map_aligned(size_t bytes)
{
	uint8_t *start = mmap(NULL, bytes + HUGE_PAGE_BYTES, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (start == MAP_FAILED) {
		fputs("dpvs: out of memory\n", stderr);
		abort();
	}

	size_t head = (HUGE_PAGE_BYTES - ((uintptr_t)start & (HUGE_PAGE_BYTES - 1))) &
		      (HUGE_PAGE_BYTES - 1);

	if (head != 0)
		munmap(start, head);
	munmap(start + head + bytes, HUGE_PAGE_BYTES - head);
	return start + head;
}

void *
ks_memory_map(size_t bytes, bool may_reserve)
{
	bytes = rounded(bytes);
	if (may_reserve) {
		void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

		if (memory != MAP_FAILED)
			return memory;
	}

	void *memory = map_aligned(bytes);

	madvise(memory, bytes, MADV_HUGEPAGE);
	return memory;
}

void
ks_memory_unmap(void *memory, size_t bytes)
{
	if (memory != NULL)
		munmap(memory, rounded(bytes));
}

/*
 * asan_first.c: preloaded behind libasan, and linked with -z initfirst, so that
 * its constructor runs before all others and starts AddressSanitizer.
 *
 * Left to itself, the runtime starts at the first malloc(). In a server that
 * links libgpg-error this is inside bindtextdomain(), which holds a lock that the
 * runtime's start then takes as well: the server hangs.
 */
#include <stdlib.h>

extern void *volatile kra_asan_first;
void	   *volatile kra_asan_first;

__attribute__((constructor)) static void
start_asan(void)
{
	kra_asan_first = malloc(1);
}

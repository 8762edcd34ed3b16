// SHA-256 of libmd, the BSD message digests.
#include <sys/types.h>
#include <sha256.h>

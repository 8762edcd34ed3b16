// R's distribution functions as the standalone library libRmath.
#define MATHLIB_STANDALONE 1
#include <Rmath.h>

// LAPACKE without its C99 complex types, which Swift cannot import. Debian's libopenblas exports no LAPACKE symbol, so
// liblapacke is linked too; `link "openblas"` in the module map binds the LAPACK below it to OpenBLAS.
#define LAPACK_COMPLEX_STRUCTURE
#include <lapacke.h>

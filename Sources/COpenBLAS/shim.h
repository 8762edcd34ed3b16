// OpenBLAS' own CBLAS header, and its thread control (which cblas.h of the reference BLAS lacks).
#include <cblas-openblas.h>

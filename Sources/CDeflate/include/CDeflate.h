// libdeflate: compresses what is in memory as a whole, in a fraction of zlib's time.
#include <libdeflate.h>

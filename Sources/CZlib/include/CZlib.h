// zlib, which libgit2 brings with it, and its macros that Swift cannot import.
#ifndef CZLIB_H
#define CZLIB_H

#include <zlib.h>

/// As the macros `deflateInit` and `inflateInit`.
int czlib_deflate_init(z_stream *stream, int level);
int czlib_inflate_init(z_stream *stream);

#endif

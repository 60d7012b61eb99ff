#include "CZlib.h"

int czlib_deflate_init(z_stream *stream, int level) { return deflateInit(stream, level); }

int czlib_inflate_init(z_stream *stream) { return inflateInit(stream); }

int __real_inflate(z_stream *stream, int flush);
int __wrap_inflate(z_stream *stream, int flush);

/// All calls of `inflate` come here (`--wrap` of the linker). libgit2 1.5 asks again for ever where a loose object ends too
/// early: it takes "no progress" for "the output is full". Where there was no input to begin with, it is an error.
int __wrap_inflate(z_stream *stream, int flush) {
    int had_input = stream->avail_in > 0;
    unsigned long before = stream->total_out;
    int status = __real_inflate(stream, flush);
    int is_stuck = status == Z_BUF_ERROR && !had_input && stream->avail_out > 0 && stream->total_out == before;
    return is_stuck ? Z_DATA_ERROR : status;
}

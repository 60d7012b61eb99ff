#include "CZlib.h"

#include <libdeflate.h>
#include <pthread.h>

int czlib_deflate_init(z_stream *stream, int level) { return deflateInit(stream, level); }

int czlib_inflate_init(z_stream *stream) { return inflateInit(stream); }

int __real_inflate(z_stream *stream, int flush);
int __wrap_inflate(z_stream *stream, int flush);

static pthread_key_t decompressor_key;
static pthread_once_t key_is_made = PTHREAD_ONCE_INIT;
static int has_key;

static void free_decompressor(void *decompressor) { libdeflate_free_decompressor(decompressor); }

static void make_key(void) { has_key = pthread_key_create(&decompressor_key, free_decompressor) == 0; }

/// This thread's, kept until it ends; NULL where there is no memory for one.
static struct libdeflate_decompressor *decompressor(void) {
    pthread_once(&key_is_made, make_key);
    if (!has_key) return NULL;
    struct libdeflate_decompressor *known = pthread_getspecific(decompressor_key);
    if (known) return known;
    known = libdeflate_alloc_decompressor();
    if (known && pthread_setspecific(decompressor_key, known) != 0) {
        libdeflate_free_decompressor(known);
        return NULL;
    }
    return known;
}

/// What `inflate` leaves in a stream's `reserved`, which zlib does not use, where the stream was read to its end without it.
static const uLong is_whole = 0x77686f6c65;

/// The head of a loose object is read into so many bytes first: more is to come.
enum { head_size = 64 };

/// Reads a stream that is in memory as a whole, as an object in a pack is, in half of zlib's time.
/// - Returns: 0 where that cannot be; then nothing has changed.
static int inflate_whole(z_stream *stream) {
    if (stream->total_in != 0 || stream->total_out != 0 || stream->avail_out <= head_size) return 0;
    struct libdeflate_decompressor *known = decompressor();
    if (!known) return 0;
    size_t taken, given;
    if (libdeflate_zlib_decompress_ex(
            known, stream->next_in, stream->avail_in, stream->next_out, stream->avail_out, &taken, &given) != LIBDEFLATE_SUCCESS)
        return 0;
    stream->next_in += taken;
    stream->avail_in -= taken;
    stream->total_in = taken;
    stream->next_out += given;
    stream->avail_out -= given;
    stream->total_out = given;
    stream->reserved = is_whole;
    return 1;
}

/// All calls of `inflate` come here (`--wrap` of the linker), for two reasons. libdeflate is faster where it can be used. And
/// libgit2 1.5 asks again for ever where a loose object ends too early: it takes "no progress" for "the output is full".
/// Where there was no input to begin with, it is an error.
int __wrap_inflate(z_stream *stream, int flush) {
    if (stream->reserved == is_whole && stream->total_in > 0) return Z_STREAM_END;
    if (inflate_whole(stream)) return Z_STREAM_END;
    int had_input = stream->avail_in > 0;
    unsigned long before = stream->total_out;
    int status = __real_inflate(stream, flush);
    int is_stuck = status == Z_BUF_ERROR && !had_input && stream->avail_out > 0 && stream->total_out == before;
    return is_stuck ? Z_DATA_ERROR : status;
}

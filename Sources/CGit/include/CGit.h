// libgit2's C interface, and the few of its functions that Swift cannot import as they are.
#ifndef CGIT_H
#define CGIT_H

#include <git2.h>
#include <git2/sys/commit.h>
#include <git2/sys/odb_backend.h>
#include <git2/sys/repository.h>
#include <mbedtls/sha1.h>
#include <stddef.h>

/// `git_libgit2_opts` is variadic, which Swift cannot call: one function an option.
int cgit_set_extensions(const char **extensions, size_t count);
int cgit_set_strict_object_creation(int enabled);
int cgit_set_fsync(int enabled);
int cgit_set_strict_hash_verification(int enabled);
int cgit_set_owner_validation(int enabled);
/// The size of the largest object of a type that is kept in memory.
int cgit_set_cache_limit(git_object_t type, size_t size);
/// Where git's own files are in the user's home directory.
int cgit_user_directory(git_buf *directory);

/// A place for objects that libgit2 asks before its own ones, with room for its owner.
typedef struct {
    git_odb_backend base;
    void *owner;
} cgit_backend;

#endif

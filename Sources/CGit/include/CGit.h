// libgit2's C interface, and the few of its functions that Swift cannot import as they are.
#ifndef CGIT_H
#define CGIT_H

#include <git2.h>
#include <git2/sys/commit.h>
#include <git2/sys/repository.h>
#include <stddef.h>

/// `git_libgit2_opts` is variadic, which Swift cannot call: one function an option.
int cgit_set_extensions(const char **extensions, size_t count);
int cgit_set_strict_object_creation(int enabled);
/// Where git's own files are in the user's home directory.
int cgit_user_directory(git_buf *directory);

#endif

// Calls of Linux' C library that its Swift module map leaves out (they need _GNU_SOURCE).
#ifndef CLINUX_H
#define CLINUX_H

#include <spawn.h>
#include <stdbool.h>
#include <stddef.h>

/// As `memfd_create` with `MFD_CLOEXEC`.
int clinux_memory_file(const char *name);
/// As `pipe2` with `O_CLOEXEC`.
int clinux_pipe(int ends[2]);
/// As `posix_spawn_file_actions_addchdir_np`.
int clinux_spawn_in(posix_spawn_file_actions_t *actions, const char *directory);
/// `POSIX_SPAWN_SETSID`.
extern const short clinux_spawn_session;
/// Opens what is at `path` below `directory`, without following a symlink anywhere on the way.
int clinux_open_beneath(int directory, const char *path, int flags);
/// How many processors this process may run on.
int clinux_processor_count(void);
/// As `renameat2` with `RENAME_EXCHANGE`: two entries take each other's place in one step.
int clinux_exchange(int directory, const char *name, int other_directory, const char *other);
/// As `renameat2` with `RENAME_NOREPLACE`.
int clinux_rename_new(int directory, const char *name, int other_directory, const char *other);
/// Whether a text is somewhere in some bytes.
bool clinux_holds(const void *bytes, size_t count, const char *text);
/// As `syncfs`.
int clinux_sync_file_system(int descriptor);
/// As `prctl` with `PR_SET_CHILD_SUBREAPER`: descendants whose parent ended become this process' children.
int clinux_become_subreaper(void);
/// Starts a program that the kernel kills when this thread ends, in a process group of its own, with no signal blocked or ignored,
/// with nothing on its standard input, and with both outputs in `output`. It is found on this process' PATH.
/// Returns its id; the negated `errno` where it could not be started.
int clinux_spawn_bound(char *const arguments[], char *const environment[], const char *directory, int output);

#endif

// The parts of posix_spawn that glibc declares for _GNU_SOURCE only, which Swift's Glibc module is compiled without.
#ifndef CSPAWN_H
#define CSPAWN_H

#include <spawn.h>

/// Starts the child in a folder; what `posix_spawn_file_actions_addchdir_np` returns.
int cspawn_add_chdir(posix_spawn_file_actions_t *actions, const char *path);

/// Closes every descriptor from `first` on in the child; what `posix_spawn_file_actions_addclosefrom_np` returns.
int cspawn_add_closefrom(posix_spawn_file_actions_t *actions, int first);

/// `POSIX_SPAWN_SETSID`.
extern const short cspawn_session;

#endif

#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int clinux_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

int clinux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int clinux_spawn_in(posix_spawn_file_actions_t *actions, const char *directory) {
    return posix_spawn_file_actions_addchdir_np(actions, directory);
}

int clinux_exchange(int directory, const char *name, int other_directory, const char *other) {
    return renameat2(directory, name, other_directory, other, RENAME_EXCHANGE);
}

int clinux_rename_new(int directory, const char *name, int other_directory, const char *other) {
    return renameat2(directory, name, other_directory, other, RENAME_NOREPLACE);
}

int clinux_sync_file_system(int descriptor) { return syncfs(descriptor); }

#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int clinux_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

int clinux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int clinux_spawn_in(posix_spawn_file_actions_t *actions, const char *directory) {
    return posix_spawn_file_actions_addchdir_np(actions, directory);
}

// Part by part, for kernels before 5.6 and paths that are longer than one call takes.
static int open_parts(int directory, const char *path, int flags) {
    int current = fcntl(directory, F_DUPFD_CLOEXEC, 0);
    while (current >= 0) {
        const char *slash = strchrnul(path, '/');
        char part[256];
        size_t count = (size_t)(slash - path);
        if (count >= sizeof part) {
            close(current);
            errno = ENAMETOOLONG;
            return -1;
        }
        memcpy(part, path, count);
        part[count] = 0;
        int is_last = *slash == 0;
        int next = openat(current, part, is_last ? flags : O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int reason = errno;
        close(current);
        errno = reason;
        if (is_last || next < 0) return next;
        current = next;
        path = slash + 1;
    }
    return -1;
}

int clinux_open_beneath(int directory, const char *path, int flags) {
    struct open_how how = {.flags = (unsigned long long)(flags | O_CLOEXEC | O_NOFOLLOW),
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    long result = syscall(SYS_openat2, directory, path, &how, sizeof how);
    // Containers forbid calls that they do not know (EPERM).
    if (result < 0 && (errno == ENOSYS || errno == EPERM || errno == ENAMETOOLONG)) {
        return open_parts(directory, path, flags | O_CLOEXEC | O_NOFOLLOW);
    }
    return (int)result;
}

int clinux_processor_count(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

int clinux_exchange(int directory, const char *name, int other_directory, const char *other) {
    return renameat2(directory, name, other_directory, other, RENAME_EXCHANGE);
}

int clinux_rename_new(int directory, const char *name, int other_directory, const char *other) {
    return renameat2(directory, name, other_directory, other, RENAME_NOREPLACE);
}

int clinux_sync_file_system(int descriptor) { return syncfs(descriptor); }

bool clinux_holds(const void *bytes, size_t count, const char *text) {
    return memmem(bytes, count, text, strlen(text)) != NULL;
}

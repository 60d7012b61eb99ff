#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int clinux_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

int clinux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

const short clinux_spawn_session = POSIX_SPAWN_SETSID;

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

int clinux_become_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

int clinux_spawn_bound(char *const arguments[], char *const environment[], const char *directory, int output) {
    int failure[2];
    if (pipe2(failure, O_CLOEXEC) != 0) return -errno;
    pid_t parent = getpid();
    pid_t child = fork();
    if (child < 0) {
        int error = errno;
        close(failure[0]);
        close(failure[1]);
        return -error;
    }
    if (child == 0) {
        sigset_t none;
        sigemptyset(&none);
        for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
        int nothing = open("/dev/null", O_RDONLY);
        // The parent may have ended before the kernel was asked to watch it.
        if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && getppid() == parent && setpgid(0, 0) == 0 && nothing >= 0
            && dup2(nothing, 0) == 0 && dup2(output, 1) == 1 && dup2(output, 2) == 2 && chdir(directory) == 0
            && sigprocmask(SIG_SETMASK, &none, NULL) == 0) {
            execvpe(arguments[0], arguments, environment);
        }
        int error = errno;
        if (write(failure[1], &error, sizeof error) < 0) _exit(126);
        _exit(127);
    }
    close(failure[1]);
    int error = 0;
    ssize_t count;
    do count = read(failure[0], &error, sizeof error);
    while (count < 0 && errno == EINTR);
    close(failure[0]);
    if (count == sizeof error) {
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
        return error == 0 ? -ECHILD : -error;
    }
    return child;
}

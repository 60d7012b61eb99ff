"""Runs one command; after its output comes a line with its seconds and its peak memory in KiB.

This is a process of its own, which imports next to nothing: Linux counts into a child's peak what its parent held at
the moment of the exec, and the benchmark itself holds much more than git does.
"""
import os
import sys
import time

began = time.perf_counter()
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
seconds = time.perf_counter() - began
print(f"{seconds:.6f} {usage.ru_maxrss}")
sys.exit(os.waitstatus_to_exitcode(status))

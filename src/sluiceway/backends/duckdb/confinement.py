"""What the kernel forbids the process that runs a query, whatever the query makes of it.

DuckDB has no boundary of its own: its makers say to treat SQL as code (docs: securing DuckDB). So
besides DuckDB's settings there is a second wall, of Linux: once all that the process needs is
loaded, it can open no file, make no socket and start no program, since the system calls for that
are refused (seccomp, ``Documentation/userspace-api/seccomp_filter.rst`` of Linux).
"""

import contextlib
import ctypes
import os
import platform
import resource
import signal
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_ALLOWED: Final = {
    # name: number on x86_64, number on aarch64 (linux/include/uapi/asm-generic/unistd.h)
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "fstat": (5, 80),
    "lseek": (8, 62),
    "pread64": (17, 67),
    "readv": (19, 65),
    "writev": (20, 66),
    "munmap": (11, 215),
    "brk": (12, 214),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "nanosleep": (35, 101),
    "clock_nanosleep": (230, 115),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "gettimeofday": (96, 169),
    "getpid": (39, 172),
    "gettid": (186, 178),
    "getrusage": (98, 165),
    "getcpu": (309, 168),
    "getrandom": (318, 278),
    "uname": (63, 160),
    "sysinfo": (99, 179),
    "tgkill": (234, 131),
    "futex": (202, 98),
    "set_robust_list": (273, 99),
    "rseq": (334, 293),
    "membarrier": (324, 283),
    "poll": (7, None),
    "ppoll": (271, 73),
    "sendto": (44, 206),
    "recvfrom": (45, 207),
    # Descriptors that the server sends, over the only other socket that there is.
    "recvmsg": (47, 212),
    "exit": (60, 93),
    "exit_group": (231, 94),
}
"""Computing, memory, time, and what is open already. All else fails with ``EPERM``."""
_CLONE: Final = (56, 220)
_CLONE3: Final = (435, 435)
_MMAP: Final = (9, 222)
_MPROTECT: Final = (10, 226)
_SECCOMP: Final = (317, 277)
_ARCHITECTURES: Final = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""The column of the numbers, and the kernel's own name (``AUDIT_ARCH_*``)."""

_CLONE_THREAD: Final = 0x10000
_PROT_EXEC: Final = 4
_ENOSYS: Final = 38
_EPERM: Final = 1
_LOAD: Final = 0x20
_EQUAL: Final = 0x15
_ANY_BIT: Final = 0x45
_RETURN: Final = 0x06
_RET_ALLOW: Final = 0x7FFF0000
_RET_ERRNO: Final = 0x00050000
_RET_KILL: Final = 0x80000000
_NUMBER_AT: Final = 0
_ARCHITECTURE_AT: Final = 4
_FIRST_ARGUMENT_AT: Final = 16
_THIRD_ARGUMENT_AT: Final = 32

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_PR_SET_NO_NEW_PRIVS: Final = 38
_SET_MODE_FILTER: Final = 1
_FILTER_FLAG_TSYNC: Final = 1
_OPEN_FILES: Final = 16


class ConfinementError(Exception):
    """The system does not let the process be confined, so it must not run a query."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def die_with(parent_pid: int) -> None:
    """End with the server, however it ends.

    Raises:
        ConfinementError: It has ended already, or the kernel refuses.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        raise ConfinementError("the server has ended")


def limit(*, memory_bytes: int, cpu_seconds: int, file_bytes: int, files: int) -> None:
    """Bound what the process may use, and let others go first; call it once all is loaded.

    *memory_bytes* come on top of what the process has by now, *files* on top of a few.
    """
    _, files_hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    open_files = _OPEN_FILES + files
    hard = {
        resource.RLIMIT_AS: _virtual_bytes() + memory_bytes,
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_FSIZE: file_bytes,
        resource.RLIMIT_NOFILE: open_files
        if files_hard == resource.RLIM_INFINITY
        else min(open_files, files_hard),
        resource.RLIMIT_CORE: 0,
    }
    for what, most in hard.items():
        resource.setrlimit(what, (most, most))
    # A write past the bound is then an error and not the end.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    os.nice(5)
    with contextlib.suppress(OSError):  # Not every container lets it be written.
        Path("/proc/self/oom_score_adj").write_text("1000")


def close_all_but(kept: set[int]) -> None:
    """Close every descriptor that is open, but *kept* and standard error."""
    for number in [int(name) for name in os.listdir("/proc/self/fd")]:  # noqa: PTH208 - numbers, not paths
        if number > 2 and number not in kept:  # noqa: PLR2004 - the three standard ones
            with contextlib.suppress(OSError):  # That of the listing itself is closed by now.
                os.close(number)


def forbid() -> None:
    """Have the kernel refuse every system call but a few, to all threads, for ever.

    Raises:
        ConfinementError: The kernel cannot do that, or the machine is none that we know.
    """
    machine = platform.machine()
    if machine not in _ARCHITECTURES:
        raise ConfinementError(f"queries cannot be confined on {machine}")
    column, _ = _ARCHITECTURES[machine]
    _prctl(_PR_SET_DUMPABLE, 0)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    code = b"".join(_filter(machine))
    program = _Program(len(code) // 8, code)
    libc = ctypes.CDLL(None, use_errno=True)
    number = _SECCOMP[column]
    if libc.syscall(number, _SET_MODE_FILTER, _FILTER_FLAG_TSYNC, ctypes.byref(program)):
        raise ConfinementError(f"seccomp: {os.strerror(ctypes.get_errno())}")


def _filter(machine: str) -> Iterator[bytes]:
    """Give the program that the kernel runs before each system call."""
    column, architecture = _ARCHITECTURES[machine]
    yield _step(_LOAD, _ARCHITECTURE_AT)
    yield _step(_EQUAL, architecture, 1, 0)
    yield _step(_RETURN, _RET_KILL)
    yield _step(_LOAD, _NUMBER_AT)
    for numbers in _ALLOWED.values():
        number = numbers[column]
        if number is not None:
            yield _step(_EQUAL, number, 0, 1)
            yield _step(_RETURN, _RET_ALLOW)
    # The C library falls back to clone, whose flags can be looked at, when there is no clone3.
    yield _step(_EQUAL, _CLONE3[column], 0, 1)
    yield _step(_RETURN, _RET_ERRNO | _ENOSYS)
    # Threads, and no processes.
    yield _step(_EQUAL, _CLONE[column], 0, 4)
    yield _step(_LOAD, _FIRST_ARGUMENT_AT)
    yield _step(_ANY_BIT, _CLONE_THREAD, 0, 1)
    yield _step(_RETURN, _RET_ALLOW)
    yield _step(_RETURN, _RET_ERRNO | _EPERM)
    # Memory, but none from which code could run.
    yield _step(_EQUAL, _MMAP[column], 1, 0)
    yield _step(_EQUAL, _MPROTECT[column], 0, 3)
    yield _step(_LOAD, _THIRD_ARGUMENT_AT)
    yield _step(_ANY_BIT, _PROT_EXEC, 1, 0)
    yield _step(_RETURN, _RET_ALLOW)
    yield _step(_RETURN, _RET_ERRNO | _EPERM)


def _step(code: int, operand: int, when_true: int = 0, when_false: int = 0) -> bytes:
    """Write one instruction (``struct sock_filter``)."""
    return struct.pack("=HBBI", code, when_true, when_false, operand)


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0):
        raise ConfinementError(f"prctl: {os.strerror(ctypes.get_errno())}")


def _virtual_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()

"""XLA's options that make simulations on a CPU faster: offered, never set unasked."""

import importlib.util
import os
import re
import sys

from jaxsim.errors import must

# What each does for a step of HH on a cell of 613 compartments, one core with AVX-512 (benchmarks/cases/ca1_hh.py):
# vectors of 512 bits make the exponentials of all gates faster; a time loop of any size is compiled to one native
# function instead of a list of kernels; loops over the lanes of a batch become vector instructions instead of being
# unrolled to scalar ones; and four vectors are worked on at once, since a gate's update is one long chain of operations
# that each wait for the one before (0.88 of the time in float64, 0.97 in float32, gradients too; LLVM's option).
_PLAIN = {"xla_cpu_prefer_vector_width": "512"}
_EXTRA = {
    "xla_cpu_small_while_loop_byte_threshold": "100000000",
    "xla_cpu_disable_loop_unrolling": "true",
    "-force-vector-interleave": "4",
}
_EXTRA_FLAG = "xla_backend_extra_options"
_DEVICES = "xla_force_host_platform_device_count"


def tune_cpu(cores: int | None = None) -> str:
    """Set the XLA options that make simulations on a CPU faster, in this process's environment (XLA_FLAGS).

    XLA reads them once, before the first computation: call this first. Options that XLA_FLAGS already has are left as
    they are. They are meant for processes that compute on a CPU.

    Args:
        cores: how many CPU devices JAX shall show, for `over_devices`; None leaves it at one.

    Returns:
        XLA_FLAGS as it is now.

    Raises:
        RuntimeError: if JAX has already begun to compute, so that nothing would change.
        ValueError: if cores is not at least 1.
    """
    if cores is not None and cores < 1:
        raise ValueError(must("cores", "be at least 1", cores))
    if _has_begun():
        raise RuntimeError(
            "XLA reads its options once, and JAX has already computed something: call js.tune_cpu() before that, "
            "right after the imports."
        )
    os.environ["XLA_FLAGS"] = with_options(os.environ.get("XLA_FLAGS", ""), cores)
    return os.environ["XLA_FLAGS"]


def tune_unless_begun() -> None:
    """`tune_cpu` for programs whose user did not ask: unless it is too late, or JAX has a plugin (for a GPU)."""
    if not _has_begun() and importlib.util.find_spec("jax_plugins") is None:
        tune_cpu()


def with_options(flags: str, cores: int | None = None) -> str:
    """XLA_FLAGS completed by the options for CPUs; what it says already stands.

    Args:
        flags: XLA_FLAGS as it is.
        cores: number of CPU devices (an int); None says nothing about them.

    Returns:
        XLA_FLAGS as it should be.
    """
    words = flags.split()
    wanted = {**_PLAIN, **({} if cores is None else {_DEVICES: str(cores)})}
    words += [f"--{name}={value}" for name, value in wanted.items() if f"{name}=" not in flags]
    missing = [f"{name}={value}" for name, value in _EXTRA.items() if name not in flags]
    if missing:
        at = next((k for k, word in enumerate(words) if word.startswith(f"--{_EXTRA_FLAG}=")), None)
        if at is None:
            words.append(f"--{_EXTRA_FLAG}={','.join(missing)}")
        else:
            words[at] += ("" if words[at].endswith("=") else ",") + ",".join(missing)
    return " ".join(words)


def options_in_force() -> dict[str, bool]:
    """Which of the options XLA_FLAGS has now.

    Returns:
        Option name -> whether XLA_FLAGS gives it the value that `tune_cpu` would.
    """
    words = re.split(r"[\s,]|--|" + _EXTRA_FLAG + "=", os.environ.get("XLA_FLAGS", ""))
    return {name: f"{name}={value}" in words for name, value in (_PLAIN | _EXTRA).items()}


def short_loops_stay() -> bool:
    """Whether XLA is told not to unroll short loops, which then become vector instructions and not scalar ones."""
    return options_in_force()["xla_cpu_disable_loop_unrolling"]


def time_loop_is_native() -> bool:
    """Whether XLA is told to compile a time loop to one native function, which is entered at no cost."""
    return options_in_force()["xla_cpu_small_while_loop_byte_threshold"]


def _has_begun() -> bool:
    """Whether JAX has started its backends; False where JAX no longer tells."""
    bridge = sys.modules.get("jax._src.xla_bridge")
    begun = getattr(bridge, "backends_are_initialized", None)
    return bool(begun()) if begun is not None else False

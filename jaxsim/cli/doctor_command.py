"""`jaxsim doctor`: what a run will use on this machine, and whether a small one comes out right."""

import argparse
import importlib.metadata
import os
import platform
import time

import jax
import jax.numpy as jnp

import jaxsim as js
from jaxsim.tune import options_in_force

_PACKAGES = ("jaxsim-neuro", "jax", "jaxlib", "numpy", "scipy", "optax")
_EXTRAS = ("matplotlib", "tqdm")
_T_END = 50.0


def doctor_command(options: argparse.Namespace) -> int:
    """Print versions, devices, options and a timed run; the exit status, 1 if the run is wrong."""
    del options
    print(f"python          {platform.python_version()} on {platform.system()} {platform.machine()}")
    for name in (*_PACKAGES, *_EXTRAS):
        print(f"{name:<16}{_version(name)}")
    print(f"devices         {', '.join(str(d) for d in jax.devices())} ({jax.default_backend()})")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(f"cores           {cores}")
    print(f"precision       {jnp.zeros(()).dtype} by default")
    print(f"XLA_FLAGS       {os.environ.get('XLA_FLAGS') or '(none)'}")
    for name, on in options_in_force().items():
        print(f"  {'on ' if on else 'off'} {name}")
    return _check()


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _check() -> int:
    """A spiking cable: the number of its spikes is known, its time is printed."""
    cell = js.Cell(js.cylinder(1000.0, 0.5), js.PerBranch(200)).insert(js.HH())
    cell.stimulate(cell.loc(0), js.Pulse(amp=0.5, start=5.0, stop=6.0)).record(cell.loc(0, 0.9))
    model = cell.compile()
    began = time.perf_counter()
    v = jax.block_until_ready(js.simulate(model, _T_END).v[0])
    first = time.perf_counter() - began
    again = []
    for _ in range(5):
        began = time.perf_counter()
        v = jax.block_until_ready(js.simulate(model, _T_END).v[0])
        again.append(time.perf_counter() - began)
    steps = len(v) - 1
    spikes = int(jnp.sum((v[:-1] < 0.0) & (v[1:] >= 0.0)))
    step = min(again) / steps
    print(f"a cable of 200 compartments with HH, {steps} steps: {first:.1f} s with compiling, then {min(again):.3f} s")
    print(f"  {step * 1e6:.1f} us a step, {step / 200 * 1e9:.0f} ns a compartment and step")
    if spikes != 1:
        print(f"  WRONG: {spikes} spikes arrive at the far end, 1 should")
        return 1
    print("  one spike arrives at the far end, as it should")
    return 0

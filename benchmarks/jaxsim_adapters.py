"""jaxsim in benchmark scripts that state a case as ``script.py --sim jaxsim`` and a cell as a list of branches.

One function for each script, of the script's name: ``function(args, cell)``, where `cell` is a list of
{"parent", "n", "length" [um, of a compartment], "radius" (n,) [um]}, and the script's module `common` times and
reports.
"""

import time
from typing import Any

import numpy as np

from benchmarks import programs
from benchmarks.cases.ca1_l5pc8 import LAYER5
from benchmarks.work import Work

_SCHEMES = {"bwd_euler": "BackwardEuler", "crank_nicolson": "CrankNicolson", "default": "default"}
_HH = {"gna": 0.12, "gk": 0.036, "gl": 3e-4, "el": -54.3, "ena": 50.0, "ek": -77.0}


def work_of(cell: list[dict[str, Any]], sites: list[tuple[int, int]], args: Any, **fields: Any) -> Work:
    """A `Work` of a script's cell; `sites` are (branch, compartment) pairs."""
    first = np.concatenate([[0], np.cumsum([b["n"] for b in cell])])
    return Work(
        parent=tuple(int(b["parent"]) for b in cell),
        n=tuple(int(b["n"]) for b in cell),
        length=tuple(float(b["length"]) for b in cell),
        radius=tuple(float(r) for b in cell for r in b["radius"]),
        probes=tuple(int(first[b] + k) for b, k in sites),
        dt=args.dt,
        **fields,
    )


def _method(args: Any) -> dict[str, Any]:
    return programs.keywords({"scheme": _SCHEMES[args.solver]})


def _forward(args: Any, work: Work) -> tuple[float, float, list[float], np.ndarray, np.ndarray]:
    """Build and run one cell: (build_s, first_s, steady calls [s], t [ms], v [mV])."""
    import common
    import jax

    import jaxsim as js

    method, start = _method(args), time.perf_counter()
    model = programs.cell(work).compile()
    build = time.perf_counter() - start
    call = lambda: jax.block_until_ready(js.simulate(model, work.t_end, work.dt, **method).v)  # noqa: E731
    v, first, seconds = common.timed(call, args)
    return build, first, seconds, work.dt * np.arange(work.n_step + 1), np.asarray(v, float)


def _report(case: str, args: Any, work: Work, done: tuple[Any, ...], **more: Any) -> None:
    import common

    build, first, seconds, t, v = done
    shape = {"n_comp": work.n_comp * work.batch, "n_cells": work.batch, "dt": work.dt, "T": work.t_end}
    common.report(case, args, build_s=build, first_s=first, times=seconds, t=t, v=v, **shape, **more)


def case_a_small(args: Any, cell: list[dict[str, Any]]) -> None:
    """A passive cable, or HH on one compartment."""
    import case_a_small as script

    passive = args.what == "cable"
    channels = {"leak": {"g": script.CABLE["g"], "e": script.CABLE["e"]}} if passive else {"hh": _HH}
    work = work_of(
        cell,
        script.sites(args.what),
        args,
        channels=channels,
        amp=script.amp(args.what),
        start=script.DELAY,
        stop=script.DELAY + script.DUR,
        t_end=args.T or script.T,
    )
    _report(args.case, args, work, _forward(args, work))


def _hh_cell(args: Any, cell: list[dict[str, Any]], **fields: Any) -> Work:
    import case_b_swc_hh as script
    import common

    given = {
        "channels": {"hh": _HH, "leak": {"g": script.G_PAS, "e": script.E_PAS}},
        "amp": script.AMP,
        "start": script.DELAY,
        "stop": script.DELAY + script.DUR,
        "t_end": args.T or script.T,
        "ra": script.RA,
    }
    return work_of(cell, common.sites(cell), args, **given | fields)


def case_b_swc_hh(args: Any, cell: list[dict[str, Any]]) -> None:
    """A traced cell with HH and leak."""
    work = _hh_cell(args, cell)
    _report("b_swc_hh", args, work, _forward(args, work))


def case_c_l5pc(args: Any, cell: list[dict[str, Any]]) -> None:
    """The same cell with eight layer-5 channels; the four with calcium are not in the package."""
    import case_c_l5pc as script

    if args.calcium:
        raise SystemExit("jaxsim has no calcium channels")
    channels = {"leak": {"g": script.G_PAS, "e": script.E_PAS}, "l5": LAYER5}
    work = _hh_cell(args, cell, channels=channels, v=script.V0, celsius=34.0)
    _report(args.case, args, work, _forward(args, work))


def case_d_batch(args: Any, cell: list[dict[str, Any]]) -> None:
    """Many cells with different sodium conductances, by `jax.vmap`."""
    import case_a_small as point
    import case_d_batch as script
    import common
    import jax
    import jax.numpy as jnp

    import jaxsim as js

    if args.what.startswith("point"):
        pulse = {"amp": point.POINT["amp"], "start": point.DELAY, "stop": point.DELAY + point.DUR}
        work = work_of(cell, [(0, 0)], args, channels={"hh": _HH}, t_end=args.T or script.T, batch=args.n, **pulse)
    else:
        work = _hh_cell(args, cell, batch=args.n)
    method, start = _method(args), time.perf_counter()
    model = programs.cell(work).compile()
    build = time.perf_counter() - start
    g = jnp.asarray(script.scales(args.n), model.v.dtype)
    run = jax.jit(jax.vmap(lambda x: js.simulate(model.set("HH.gbar_na", x), work.t_end, work.dt, **method).v))
    v, first, seconds = common.timed(lambda: jax.block_until_ready(run(g)), args)
    t = work.dt * np.arange(work.n_step + 1)
    _report(args.case, args, work, (build, first, seconds, t, np.asarray(v, float)[work.middle]))


def case_f_grad(args: Any, cell: list[dict[str, Any]]) -> None:
    """Value and gradient of a loss by the sodium conductances of twenty groups."""
    import case_f_grad as script
    import common
    import jax
    import jax.numpy as jnp

    import jaxsim as js

    stop = 5.0 + (args.T - 10.0 if args.T > 20 else args.T - 5.0)
    work = _hh_cell(args, cell, t_end=args.T, stop=stop, groups=script.N_PAR)
    method, start = _method(args), time.perf_counter()
    model = programs.cell(work).compile()
    build = time.perf_counter() - start
    group = work.group()

    def loss(theta: Any) -> Any:
        v = js.simulate(model.set("HH.gbar_na", theta[group]), work.t_end, work.dt, **method).v
        return jnp.mean((v + 60.0) ** 2)

    theta = jnp.full(work.groups, _HH["gna"], model.v.dtype)
    ahead = jax.jit(loss)
    _, _, forward = common.timed(lambda: jax.block_until_ready(ahead(theta)), args)
    forward_cpu = common.median(common.CPU)
    start = time.perf_counter()
    compiled = jax.jit(jax.value_and_grad(loss)).lower(theta).compile()
    seconds = time.perf_counter() - start
    (value, grad), first, times = common.timed(lambda: jax.block_until_ready(compiled(theta)), args)
    common.report(
        f"f_grad_{args.T:g}",
        args,
        n_comp=work.n_comp,
        dt=work.dt,
        T=work.t_end,
        build_s=build,
        first_s=seconds + first,
        times=times,
        fwd_s=round(common.median(forward), 5),
        fwd_cpu_s=round(forward_cpu, 5),
        grad_over_fwd=round(common.median(times) / common.median(forward), 3),
        grad_over_fwd_cpu=round(common.median(common.CPU) / forward_cpu, 3),
        xla_temp_mb=round(compiled.memory_analysis().temp_size_in_bytes / 2**20, 1),
        loss=float(value),
        grad=[float(f"{x:.6g}") for x in np.asarray(grad)],
    )


def case_g_rallpack(args: Any, cell: list[dict[str, Any]]) -> None:
    """Rallpack 1 and 3; the script measures the error."""
    import case_g_rallpack as script

    passive = {"leak": {"g": script.G_LEAK, "e": script.V0}}
    active = {"hh": _HH | {"gl": script.G_LEAK, "el": script.V0}}
    work = work_of(
        cell,
        [(0, 0), (0, args.ncomp - 1)],
        args,
        channels=passive if args.which == 1 else active,
        amp=script.I,
        start=0.0,
        stop=1e9,
        ra=script.RA,
        t_end=args.T or script.T,
    )
    build, first, seconds, t, v = _forward(args, work)
    script.finish(args, cell, build, first, seconds, t, v)

"""jaxsim's side of a case: the cell of a `Work`, and its programs: a run, a batch, a gradient, a build."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks import job
from benchmarks.timing import median_ratio
from benchmarks.work import Work

OVERHEAD_CALLS = 300
# name in a Work -> parameter of jaxsim's class
_HH = {"gna": "gbar_na", "gk": "gbar_k", "gl": "gbar_leak", "el": "e_leak", "ena": "e_na", "ek": "e_k"}


def cell(work: Work) -> Any:
    """The `Cell` of a work: straight branches of radius 1, scaled compartment by compartment to the given cylinders."""
    import jaxsim as js

    branches = [
        js.Branch([0.0, n * length], 1.0, parent=p, tag=1 if p < 0 else 3)
        for p, n, length in zip(work.parent, work.n, work.length, strict=True)
    ]
    made = js.Cell(js.from_branches(branches), js.PerBranch(work.n), ra=work.ra, cm=work.cm, v=work.v)
    made.at(js.everywhere()).set("radius_scale", np.array(work.radius))
    return equipped(made, work, lambda k: _location(made, work, k))


def equipped(made: Any, work: Work, location: Callable[[int], Any]) -> Any:
    """The cell with the work's channels, pulse and probes."""
    import jaxsim as js

    for channel in channels(work):
        made.insert(channel)
    made.stimulate(location(0), js.Pulse(amp=work.amp, start=work.start, stop=work.stop))
    for k in work.probes:
        made.record(location(k), "v")
    return made


def channels(work: Work) -> list[Any]:
    """jaxsim's channels of a work."""
    import jaxsim as js

    found: list[Any] = []
    for name, values in work.channels.items():
        if name == "leak":
            found.append(js.Leak(gbar=values["g"], e=values["e"]))
        elif name == "hh":
            found.append(js.HH(celsius=work.celsius, **{_HH[k]: v for k, v in values.items()}))
        elif name == "calcium":
            found += [js.Calcium(celsius=work.celsius), js.CaDynamics_E2()]
            found += [getattr(js, channel)(gbar=g) for channel, g in values.items()]
        else:
            found.extend(_layer5(values))
    return found


def _layer5(values: dict[str, float]) -> list[Any]:
    """The layer-5 channels; Ih keeps its own reversal potential."""
    import jaxsim as js

    reversal = {"Na": {"e": values["ena"]}, "Ih": {}}
    return [
        getattr(js, name)(gbar=g, **reversal.get(name[:2], {"e": values["ek"]}))
        for name, g in values.items()
        if name not in ("ena", "ek")
    ]


def varied(work: Work) -> str:
    """The parameter that differs between the cells of a batch."""
    return "HH.gbar_na" if "hh" in work.channels else "Leak.gbar"


def _location(made: Any, work: Work, comp: int) -> Any:
    branch, k = work.place(comp)
    return made.loc(branch, (k + 0.5) / work.n[branch])


def keywords(options: dict[str, Any]) -> dict[str, Any]:
    """The scheme of a job for `simulate`: nothing for the package's default."""
    import jaxsim as js

    return {} if options["scheme"] == "default" else {"method": getattr(js, options["scheme"])()}


def forward(work: Work, options: dict[str, Any]) -> dict[str, Any]:
    """One cell, as a user runs it: `simulate`, compiled by itself; then again with other values."""
    import jax

    import jaxsim as js
    from tests.run.compilations import compilations

    method = keywords(options)
    imported = job.rss_mb()
    start = time.perf_counter()
    model = cell(work).compile()
    build = time.perf_counter() - start
    run = lambda m: jax.block_until_ready(js.simulate(m, work.t_end, work.dt, **method).v)  # noqa: E731
    v, times = job.timed(lambda: run(model), options)
    other = model.set(varied(work), 1.01 * model.get(varied(work))).set("Pulse.amp", 1.01 * work.amp)
    with compilations() as heard:
        run(other)
    more = {"compiled_again": len(heard), "rss_import_mb": imported}
    if work.n_comp == 1:
        more["call_us"] = _call_overhead(work, model, method)
    return job.record(work, times, build, v, **more)


def _call_overhead(work: Work, model: Any, method: dict[str, Any]) -> float:
    """Median wall time of a run of one step [us]: what a call costs before it computes."""
    import jax

    import jaxsim as js

    seconds = []
    for _ in range(OVERHEAD_CALLS):
        start = time.perf_counter()
        jax.block_until_ready(js.simulate(model, work.dt, work.dt, **method).v)
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds)) * 1e6


def batch(work: Work, options: dict[str, Any]) -> dict[str, Any]:
    """Cells that differ in a conductance, by `jax.vmap` inside `jax.jit`; on several cores by `js.over_devices`."""
    import jax
    import jax.numpy as jnp

    import jaxsim as js
    from tests.run.compilations import compilations

    method, name = keywords(options), varied(work)
    start = time.perf_counter()
    model = cell(work).compile()
    build = time.perf_counter() - start
    g = jnp.asarray(work.factors(), model.v.dtype) * model.get(name)[0]
    one = lambda x: js.simulate(model.set(name, x), work.t_end, work.dt, **method).v  # noqa: E731
    run = js.over_devices(one) if options.get("cores", 1) > 1 else jax.jit(jax.vmap(one))
    v, times = job.timed(lambda: jax.block_until_ready(run(g)), options)
    other = jax.block_until_ready(1.01 * g)
    with compilations() as heard:
        jax.block_until_ready(run(other))
    return job.record(work, times, build, v[work.middle], compiled_again=len(heard))


def gradient(work: Work, options: dict[str, Any]) -> dict[str, Any]:
    """Loss and gradient by the sodium conductance of groups of compartments, and the forward run beside it."""
    import jax
    import jax.numpy as jnp

    import jaxsim as js

    method = keywords(options)
    start = time.perf_counter()
    model = cell(work).compile()
    build = time.perf_counter() - start
    group = work.group()

    def loss(theta: Any) -> Any:
        v = js.simulate(model.set("HH.gbar_na", theta[group]), work.t_end, work.dt, **method).v
        return jnp.mean((v + 60.0) ** 2)

    theta = jnp.full((work.batch, work.groups), work.channels["hh"]["gna"], model.v.dtype)
    theta = theta * jnp.asarray(work.factors(), theta.dtype)[:, None]
    functions = {"forward": loss, "gradient": jax.value_and_grad(loss)}
    if work.batch == 1:
        theta = theta[0]
    else:
        functions = {name: jax.vmap(f) for name, f in functions.items()}
    done = job.compiled_and_timed(functions, theta, options)
    return _gradient_record(work, build, done)


def _gradient_record(work: Work, build: float, done: dict[str, Any]) -> dict[str, Any]:
    (_, ahead, ahead_s, ahead_mb), ((value, grad), back, back_s, back_mb) = done["forward"], done["gradient"]
    loss, slope = np.atleast_1d(np.asarray(value, float)), np.atleast_2d(np.asarray(grad, float))
    return job.record(
        work,
        back,
        build,
        forward_us_per_step=float(np.median(ahead["cpu_s"])) / work.n_step * 1e6,
        over_forward=median_ratio(back["cpu_s"], ahead["cpu_s"]),
        forward_compile_s=ahead_s,
        memory_mb=back_mb - ahead_mb,
        loss=float(loss[work.middle]),
        gradient=slope[work.middle].tolist(),
    ) | {"compile_s": back_s}


def build(work: Work, options: dict[str, Any]) -> dict[str, Any]:
    """From the traced file to a model, in a fresh process and again."""
    import jax

    import jaxsim as js

    seconds = []
    for _ in range(options.get("repeats", job.REPEATS)):
        start = time.perf_counter()
        made = js.Cell(
            js.read_swc(work.swc), js.PerBranch({"soma": 1, "dendrite": 4}), ra=work.ra, cm=work.cm, v=work.v
        )
        soma, far = made.loc(0), made.loc(made.cable.n_branch - 1)
        model = equipped(made, work, lambda k: far if k else soma).compile()  # noqa: B023
        jax.block_until_ready(model)
        seconds.append(time.perf_counter() - start)
    return {"build_s": seconds[0], "build_again_s": float(np.median(seconds[1:] or seconds))}


def run(work: Work, options: dict[str, Any]) -> dict[str, Any]:
    """The program that the options name."""
    import jax

    import jaxsim

    if options.get("tune"):
        jaxsim.tune_cpu(options.get("cores"))
    done = {"forward": forward, "batch": batch, "gradient": gradient, "build": build}[options["program"]](work, options)
    return done | {"version": f"jaxsim {jaxsim.__version__}, jax {jax.__version__}"}


if __name__ == "__main__":
    job.main(run)

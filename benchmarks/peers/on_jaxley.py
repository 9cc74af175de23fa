"""Jaxley.

Options: "mode" of a batch: "vmap", or "loop" over the compiled run of one cell; "checkpoints": levels of nested
checkpoints in the gradient (0: none); "solver": Jaxley's time scheme; "tune": XLA's options as `js.tune_cpu` sets them.
"""

import math
import time
from typing import Any

import numpy as np

from benchmarks import job
from benchmarks.timing import median_ratio
from benchmarks.work import Work

_L5 = {  # name of the layer-5 channels in jaxley-mech
    "NaTs2_t": "NaTs2T",
    "NaTa_t": "NaTaT",
    "Nap_Et2": "NapEt2",
    "K_Pst": "KPst",
    "K_Tst": "KTst",
    "SKv3_1": "SKv3_1",
    "Im": "M",
    "Ih": "H",
    "Ca_HVA": "CaHVA",
    "Ca_LVA": "CaLVA",
    "SK_E2": "SKE2",
}


def run(work: Work, options: dict[str, Any]) -> dict[str, Any]:
    """A forward run, a batch of them, or a gradient."""
    import jax
    import jaxley

    if options.get("tune"):
        import jaxsim

        jaxsim.tune_cpu()
    program = {"forward": _forward, "batch": _batch, "gradient": _gradient}[options["program"]]
    return program(work, options) | {"version": f"Jaxley {jaxley.__version__}, jax {jax.__version__}"}


def _module(work: Work, groups: bool = False) -> Any:
    import jaxley as jx

    one = jx.Compartment()
    if work.n_comp == 1:
        cell = one
    elif len(work.n) == 1:
        cell = jx.Branch(one, ncomp=work.n[0])
    else:
        branches = {n: jx.Branch(one, ncomp=n) for n in set(work.n)}
        cell = jx.Cell([branches[n] for n in work.n], parents=list(work.parent))
    single = work.n_comp == 1
    length = np.repeat(work.length, work.n)
    cell.set("length", float(length[0]) if single else length)
    cell.set("radius", work.radius[0] if single else np.array(work.radius))
    cell.set("axial_resistivity", work.ra)
    cell.set("capacitance", work.cm)
    _insert(cell, work)
    cell.set("v", work.v)
    cell.init_states(work.dt)
    for k in work.probes:
        _at(cell, work, k).record(verbose=False)
    stop = min(work.stop, work.t_end)
    pulse = jx.step_current(work.start, stop - work.start, work.amp, work.dt, work.t_end)
    _at(cell, work, 0).stimulate(pulse, verbose=False)
    if groups:
        for i in range(work.groups):
            cell.select(nodes=np.flatnonzero(work.group() == i)).add_to_group(f"part{i}")
            getattr(cell, f"part{i}").make_trainable("HH_gNa", verbose=False)
    else:
        cell.make_trainable(_varied(work), verbose=False)
    cell.to_jax()
    return cell


def _varied(work: Work) -> str:
    return "HH_gNa" if "hh" in work.channels else "Leak_gLeak"


def _at(cell: Any, work: Work, comp: int) -> Any:
    branch, k = work.place(comp)
    if work.n_comp == 1:
        return cell
    return cell.comp(k) if len(work.n) == 1 else cell.branch(branch).comp(k)


def _insert(cell: Any, work: Work) -> None:
    from jaxley.channels import HH, Leak

    for name, values in work.channels.items():
        if name == "leak":
            cell.insert(Leak())
            cell.set("Leak_gLeak", values["g"])
            cell.set("Leak_eLeak", values["e"])
        elif name == "hh":
            cell.insert(HH())
            for ours, theirs in (("gna", "HH_gNa"), ("gk", "HH_gK"), ("gl", "HH_gLeak"), ("el", "HH_eLeak")):
                cell.set(theirs, values[ours])
            cell.set("eNa" if "eNa" in cell.nodes.columns else "HH_eNa", values["ena"])
            cell.set("eK" if "eK" in cell.nodes.columns else "HH_eK", values["ek"])
        elif name == "calcium":
            _insert_calcium(cell, values, work.celsius)
        else:
            _insert_layer5(cell, values)


def _insert_layer5(cell: Any, values: dict[str, float]) -> None:
    from jaxley_mech.channels import l5pc

    for name, g in values.items():
        if name not in ("ena", "ek"):
            channel = getattr(l5pc, _L5[name])()
            cell.insert(channel)
            cell.set(f"{channel._name}_g{_L5[name]}", g)
    for theirs, ours in (("eNa", "ena"), ("eK", "ek")):
        if theirs in cell.nodes.columns:  # some of its channels use it
            cell.set(theirs, values[ours])


def _insert_calcium(cell: Any, values: dict[str, float], celsius: float) -> None:
    from jaxley_mech.channels import l5pc

    cell.insert(l5pc.CaPump())
    nernst = l5pc.CaNernstReversal()
    nernst.channel_constants["T"] = 273.15 + celsius  # the class has another temperature built in
    cell.insert(nernst)
    for name, g in values.items():
        channel = getattr(l5pc, _L5[name])()
        cell.insert(channel)
        cell.set(f"{channel._name}_g{_L5[name]}", g)


def _integrate(cell: Any, work: Work, options: dict[str, Any], parameters: Any, levels: int = 0) -> Any:
    import jaxley as jx

    solver = options.get("solver", "bwd_euler")
    lengths = _lengths(work.n_step + 2, levels)
    return jx.integrate(cell, params=parameters, delta_t=work.dt, solver=solver, checkpoint_lengths=lengths)


def _lengths(steps: int, levels: int) -> list[int] | None:
    """Nested segments of about equal length that cover the steps."""
    if levels == 0:
        return None
    base = math.ceil(steps ** (1.0 / levels))
    return [*[base] * (levels - 1), math.ceil(steps / base ** (levels - 1))]


def _forward(work: Work, options: dict[str, Any]) -> dict[str, Any]:
    import jax

    start = time.perf_counter()
    cell = _module(work)
    parameters = cell.get_parameters()
    build = time.perf_counter() - start
    call = jax.jit(lambda p: _integrate(cell, work, options, p))
    v, times = job.timed(lambda: jax.block_until_ready(call(parameters)), options)
    return job.record(work, times, build, v)


def _batch(work: Work, options: dict[str, Any]) -> dict[str, Any]:
    import jax
    import jax.numpy as jnp

    start = time.perf_counter()
    cell = _module(work)
    build = time.perf_counter() - start
    one = lambda g: _integrate(cell, work, options, [{_varied(work): g}])  # noqa: E731
    g = jnp.asarray(work.channels["hh"]["gna"] * work.factors())[:, None]
    if options["mode"] == "vmap":
        call = jax.jit(jax.vmap(one))
    else:
        single = jax.jit(one)
        call = lambda g: jnp.stack([single(x) for x in g])  # noqa: E731
    v, times = job.timed(lambda: jax.block_until_ready(call(g)), options)
    return job.record(work, times, build, v[work.middle])


def _gradient(work: Work, options: dict[str, Any]) -> dict[str, Any]:
    import jax
    import jax.numpy as jnp

    start = time.perf_counter()
    cell = _module(work, groups=True)
    parameters = cell.get_parameters()
    build = time.perf_counter() - start
    levels = options["checkpoints"]

    def loss(p: Any) -> Any:
        v = _integrate(cell, work, options, p, levels)[:, : work.n_step + 1]
        return jnp.mean((v + 60.0) ** 2)

    functions: dict[str, Any] = {"forward": loss, "gradient": jax.value_and_grad(loss)}
    if work.batch > 1:
        factors = jnp.asarray(work.factors())
        parameters = jax.tree.map(lambda x: factors[:, None] * x[None], parameters)
        functions = {name: jax.vmap(f) for name, f in functions.items()}
    done = job.compiled_and_timed(functions, parameters, options)
    (loss_value, slope), back, seconds, memory = done["gradient"]
    ahead = done["forward"][1]["cpu_s"]
    rows = np.concatenate([np.asarray(next(iter(p.values()))).reshape(work.batch, -1) for p in slope], axis=1)
    return job.record(
        work,
        back,
        build,
        forward_us_per_step=float(np.median(ahead)) / work.n_step * 1e6,
        over_forward=median_ratio(back["cpu_s"], ahead),
        forward_compile_s=done["forward"][2],
        memory_mb=memory - done["forward"][3],
        loss=float(np.atleast_1d(loss_value)[work.middle]),
        gradient=rows[work.middle].tolist(),
    ) | {"compile_s": seconds}


if __name__ == "__main__":
    job.main(run)

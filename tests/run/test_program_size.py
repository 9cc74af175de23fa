"""What a compiled step consists of: kernels, carried arrays, memory. Time is no test; these are what it is made of.

XLA turns a small change of the source into twice the kernels without a word. The bounds are what was measured (jax
0.10, CPU) and a little room; whoever beats one lowers it.
"""

import functools
import math
import re
from collections.abc import Callable

import jax
import jax.numpy as jnp
import pytest

import jaxsim as js

N_STEP, DT = 400, 0.025
WIDTH = {"pred": 1, "s32": 4, "u32": 4, "f32": 4}
CALLED = re.compile(r"(?:body|condition|to_apply|calls)=%?([\w.\-]+)")


@functools.cache
def cell(n: int = 20) -> js.Model:
    """HH and a leak on 7 branches; a pulse, two probes."""
    made = js.Cell(js.binary_tree(3, 300.0, 2.0), js.PerBranch(n), ra=100.0).insert(js.HH(gbar_leak=0.0))
    made.insert(js.Leak()).stimulate(made.loc(0, 0.5), js.Pulse(amp=0.5))
    return made.record([made.loc(0, 0.5), made.loc(6, 0.5)]).compile("float32")


def run(method: js.AbstractMethod, model: js.Model, g: jax.Array) -> jax.Array:
    return js.simulate(model.set("HH.gbar_na", g), N_STEP * DT, DT, method=method).v


def loss(method: js.AbstractMethod, model: js.Model, g: jax.Array) -> jax.Array:
    return jnp.mean(run(method, model, g) ** 2)


@functools.cache
def compiled(what: str, method: js.AbstractMethod, n: int = 20) -> jax.stages.Compiled:
    model = cell(n)
    function: Callable = jax.value_and_grad(loss, argnums=2) if what == "gradient" else run
    return jax.jit(functools.partial(function, method)).lower(model, model.get("HH.gbar_na")).compile()


def computations(text: str) -> dict[str, list[str]]:
    """Name -> instructions of each computation of a compiled program."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if head := re.match(r"\s*(?:ENTRY )?%?([\w.\-]+) \(.*\{$", line):
            found[head[1]] = []
        elif found and " = " in line:
            found[next(reversed(found))].append(line)
    return found


def loop_bodies(program: dict[str, list[str]]) -> set[str]:
    """The bodies of all loops."""
    return {name for lines in program.values() for line in lines for name in re.findall(r"body=%?([\w.\-]+)", line)}


def time_loops(program: dict[str, list[str]]) -> list[str]:
    """The bodies of the time loops: they hold the loops of the elimination."""

    def solves(name: str) -> bool:
        inner = [called for line in program[name] for called in CALLED.findall(line) if " fusion(" not in line]
        return any(line.find(" while(") >= 0 for line in program[name]) or any(
            " while(" in line for called in inner for line in program.get(called, ())
        )

    return [name for name in loop_bodies(program) if solves(name)]


def step_loops(program: dict[str, list[str]]) -> list[str]:
    """The bodies of time loops that go step by step, not segment by segment: no time loop is inside."""
    times = set(time_loops(program))

    def inside(name: str) -> set[str]:
        called = {c for line in program[name] for c in CALLED.findall(line) if " fusion(" not in line}
        return called | {c for inner in called for line in program.get(inner, ()) for c in CALLED.findall(line)}

    return [name for name in times if not (inside(name) - {name}) & times]


def steps(text: str) -> list[int]:
    """Kernels a step of each time loop, most first."""
    program = computations(text)
    return sorted((sum(" fusion(" in line for line in program[name]) for name in time_loops(program)), reverse=True)


def carried(text: str) -> list[int]:
    """Arrays that each loop over steps carries, what stays as it is included; most first."""
    found = []
    for body in step_loops(computations(text)):
        (arrays,) = re.findall(rf"^%?{re.escape(body)} \(.*-> \((.*)\) \{{$", text, re.M)
        found.append(arrays.count("["))
    return sorted(found, reverse=True)


def bytes_a_step(text: str) -> list[int]:
    """What the kernels and inner loops of a step read and write, each array whole; of each loop, most first."""
    program = computations(text)
    return sorted((_bytes(program, body) for body in step_loops(program)), reverse=True)


def _bytes(program: dict[str, list[str]], body: str) -> int:
    size, total = {}, 0
    for line in program[body]:
        name, kind, opcode, operands = re.match(r"\s*(?:ROOT )?%?([\w.\-]+) = (.*?) ([\w\-]+)\((.*?)\)", line).groups()
        numbers = re.findall(r"(pred|\w\d+)\[([\d,]*)\]", kind)
        size[name] = sum(WIDTH[k] * math.prod(int(d) for d in dims.split(",") if d) for k, dims in numbers)
        if opcode not in ("parameter", "constant", "tuple", "get-tuple-element", "bitcast"):
            total += size[name] + sum(size[o] for o in re.findall(r"%([\w.\-]+)", operands))
    return total


FORWARD = {
    js.BackwardEuler(): 12,
    js.CrankNicolson(): 13,
    js.DampedCrankNicolson(): 17,
    js.TRBDF2(): 18,
    js.Adaptive(): 38,
}
BACKWARD = {
    js.BackwardEuler(): 18,
    js.CrankNicolson(): 19,
    js.DampedCrankNicolson(): 29,
    js.TRBDF2(): 27,
    js.Adaptive(): 43,
}
# Arrays that the time loop carries, and numbers a node that the kernels of a step read and write.
CARRIED = {
    js.BackwardEuler(): (25, 105),
    js.CrankNicolson(): (25, 107),
    js.DampedCrankNicolson(): (26, 140),
    js.TRBDF2(): (28, 155),
    js.Adaptive(): (37, 185),
}
named = lambda m: type(m).__name__  # noqa: E731


def moved(what: str, method: js.AbstractMethod) -> list[tuple[int, float]]:
    """Arrays, and numbers a node and step, of each loop over steps; by two cells, so that recordings do not count."""
    small, large = (compiled(what, method, n).as_text() for n in (20, 40))
    assert carried(small) == carried(large)
    more_nodes = cell(40).wiring.node_comp.shape[0] - cell(20).wiring.node_comp.shape[0]
    more = [(b - a) / (4 * more_nodes) for a, b in zip(bytes_a_step(small), bytes_a_step(large), strict=True)]
    return list(zip(carried(large), more, strict=True))


@pytest.mark.parametrize("method", FORWARD, ids=named)
def test_a_step_has_few_kernels(method):
    found = steps(compiled("forward", method).as_text())
    assert len(found) == 1
    assert 5 < found[0] <= FORWARD[method]


@pytest.mark.default_first
@pytest.mark.parametrize("method", BACKWARD, ids=named)
def test_a_step_backward_has_few_kernels(method):
    """The most are in the step backward or in the one that is run again before it."""
    found = steps(compiled("gradient", method).as_text())
    assert 8 < found[0] <= BACKWARD[method]


@pytest.mark.default_first
@pytest.mark.parametrize("method", CARRIED, ids=named)
def test_the_time_loop_carries_few_arrays_and_moves_few_bytes(method):
    """Bytes by the difference of two cells, so that the recording does not count."""
    most_arrays, most_numbers = CARRIED[method]
    ((arrays, numbers),) = moved("forward", method)
    assert 10 < arrays <= most_arrays
    assert 50 < numbers <= most_numbers


# The same of a gradient: of the step backward, the one that is run again and the forward one. A segment's tape, of 20
# steps, counts whole.
CARRIED_BACK = {
    js.BackwardEuler(): ((28, 825), (28, 355), (24, 105)),
    js.DampedCrankNicolson(): ((30, 1260), (30, 430), (25, 140)),
}


@pytest.mark.default_first
@pytest.mark.parametrize("method", CARRIED_BACK, ids=named)
def test_a_gradients_loops_carry_few_arrays_and_move_few_bytes(method):
    found = moved("gradient", method)
    assert len(found) == len(CARRIED_BACK[method])
    for (arrays, numbers), (most_arrays, most_numbers) in zip(found, CARRIED_BACK[method], strict=True):
        assert 10 < arrays <= most_arrays
        assert 50 < numbers <= most_numbers


def test_the_set_up_has_few_kernels():
    """What runs once before and after the time loop: each different kernel costs 15 to 30 ms to compile."""
    text = compiled("forward", js.BackwardEuler()).as_text()
    (entry,) = re.findall(r"^ENTRY %?([\w.\-]+)", text, re.M)
    assert 10 < sum(" fusion(" in line for line in computations(text)[entry]) <= 34
    assert text.count(" scatter(") == 1  # the areas of a compartment's frusta


LANES = 16


@functools.cache
def batch(method: js.AbstractMethod, what: str = "forward") -> dict[str, list[str]]:
    """The program of a batch of cells with a stimulus, a clamp and a probe at a node without area."""
    made = js.Cell(js.binary_tree(3, 300.0, 2.0), js.PerBranch(20), ra=100.0).insert(js.HH())
    made.stimulate(made.loc(0, 0.5), js.Pulse(amp=0.5)).clamp(made.loc(3, 0.5), js.VoltageClamp(v=-60.0))
    model = made.record([made.loc(0, 0.5), made.loc(6, 1.0)]).compile("float32")
    g = jnp.linspace(0.5, 1.5, LANES)[:, None] * model.get("HH.gbar_na")
    one = functools.partial(run if what == "forward" else jax.grad(loss, argnums=2), method)
    program = jax.jit(jax.vmap(one, in_axes=(None, 0))).lower(model, g).compile().as_text()
    return computations(program)


def loops_without_loops(program: dict[str, list[str]]) -> list[list[str]]:
    """The bodies of the innermost loops: those of the elimination."""
    return [
        program[b]
        for b in loop_bodies(program)
        if not any(" while(" in line or " call(" in line for line in program[b])
    ]


@pytest.mark.parametrize("method", FORWARD, ids=named)
def test_the_elimination_of_a_batch_copies_nothing(method):
    """A copy of an array in each trip makes a batch 10 times slower, one lane not."""
    loops = loops_without_loops(batch(method))
    assert len(loops) >= 3
    copies = [line for lines in loops for line in lines if re.search(r"= \w+\[\d{2,}\]\S* copy\(", line)]
    assert copies == []


@pytest.mark.default_first
@pytest.mark.parametrize("what", ["forward", "gradient"])
@pytest.mark.parametrize("method", [js.DampedCrankNicolson(), js.TRBDF2()], ids=named)
def test_no_kernel_of_a_batch_loads_a_number_a_lane_at_each_node(method, what):
    """A kernel with such a broadcast works number by number: half of a batch's time went into it."""
    spread = re.compile(rf"= \w+\[\d+,{LANES}\]\S* broadcast\((?!%constant)")
    of_lanes = [line for lines in batch(method, what).values() for line in lines if spread.search(line)]
    assert [line for line in of_lanes if "dimensions={1}" in line] == []


@pytest.mark.parametrize("n", [20, 40])
def test_memory_of_a_run_is_its_recording(n):
    """Nothing of the size of nodes times steps is kept: twice the compartments, a few more bytes a compartment."""
    memory = compiled("forward", js.DampedCrankNicolson(), n).memory_analysis()
    assert memory.temp_size_in_bytes < 4 * (3 * N_STEP + 40 * 7 * n)

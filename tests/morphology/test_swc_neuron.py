"""The conventions of `read_swc` are those of NEURON's Import3d: the same sections from the same file."""

import dataclasses
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from jaxsim.morphology import Morphology, area, read_swc
from tests.data_dir import data
from tests.morphology.trees import contiguous_swc, swc_text

neuron = pytest.importorskip("neuron")

FILES = [
    "arbor_pyramidal.swc",
    "human_allen_H17.03.009.11.11.01_650039094_m.swc",
    "mouse_allen_473601979.swc",
    "mouse_allen_480351780.swc",
    "mouse_allen_480353286.swc",
    "mouse_allen_484559000.swc",
    "mouse_allen_485574832.swc",
    "mouse_granule_grc.swc",
    "neurom_Neuron.swc",
    "rat_bbp_l5pc_with_axon.swc",
    "rat_ca1_c91662.swc",
    "rat_ca1_n120.swc",
]
FLOAT32 = 3e-6  # NEURON keeps pt3d coordinates and diameters in single precision


@dataclasses.dataclass
class Section:
    """One section: its tag, its parent's number and place, and its size: points, length, area."""

    tag: int
    parent: int
    x: float
    size: np.ndarray


def ours(m: Morphology) -> list[Section]:
    m = dataclasses.replace(m, xyz=m.xyz.astype(np.float32), radius=(2 * m.radius).astype(np.float32) / 2)
    size = np.column_stack([np.diff(m.offset), m.length, area(m)])
    return [Section(int(m.tag[b]), int(m.parent[b]), float(m.parent_x[b]), size[b]) for b in range(m.n_branch)]


def neurons(path: Path) -> list[Section]:
    h = neuron.h
    h.load_file("stdlib.hoc")
    h.load_file("import3d.hoc")
    for section in list(h.allsec()):
        h.delete_section(sec=section)
    reader = h.Import3d_SWC_read()
    reader.quiet = 1
    reader.input(str(path))
    h.Import3d_GUI(reader, False).instantiate(None)
    number = {section.name(): i for i, section in enumerate(h.allsec())}
    found = []
    for section in h.allsec():
        section.nseg = 1
        up = section.parentseg()
        parent, x = (number[up.sec.name()], up.x) if up else (-1, 0.0)
        size = np.array([section.n3d(), section.L, section(0.5).area()])
        found.append(Section(tag_of(section.name()), parent, x, size))
    return found


def tag_of(name: str) -> int:
    kind = name.split("[")[0]
    return {"soma": 1, "axon": 2, "dend": 3, "apic": 4}.get(kind) or int(kind.removeprefix("dend_"))


def depth(sections: list[Section], i: int) -> int:
    return 0 if sections[i].parent < 0 else 1 + depth(sections, sections[i].parent)


def rows(sections: list[Section]) -> np.ndarray:
    """One sorted row a section: tag, parent's tag, x, points, length, area.

    A section that alone continues its parent, with the same tag, is joined to it: NEURON cuts where the numbers of
    neighbouring points jump.
    """
    children = Counter(s.parent for s in sections)
    joined = list(range(len(sections)))
    for i in sorted(joined, key=lambda i: depth(sections, i)):
        s = sections[i]
        if s.parent >= 0 and s.x == 1 and children[s.parent] == 1 and sections[s.parent].tag == s.tag:
            joined[i] = joined[s.parent]
            sections[joined[i]].size += s.size - [1, 0, 0]  # the fork point is counted once
    table = []
    for i, s in enumerate(sections):
        if joined[i] == i:
            parent_tag = -1 if s.parent < 0 else sections[s.parent].tag
            table.append([s.tag, parent_tag, s.x, *s.size])
    # Rounded for the order only: single precision must not decide it.
    return np.array(sorted(table, key=lambda row: [round(value, 2) for value in row]))


@pytest.mark.parametrize("name", FILES)
def test_real_cell_has_neurons_sections(name):
    path = data(f"swc/{name}")
    np.testing.assert_allclose(rows(ours(read_swc(path))), rows(neurons(path)), rtol=FLOAT32, atol=1e-5)


@pytest.mark.parametrize("seed", range(40))
def test_random_cell_has_neurons_sections(seed, tmp_path):
    path = tmp_path / "cell.swc"
    path.write_text(swc_text(contiguous_swc(seed)))
    np.testing.assert_allclose(rows(ours(read_swc(path))), rows(neurons(path)), rtol=FLOAT32, atol=1e-4)

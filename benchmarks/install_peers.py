"""The peers' environment in one command: python -m benchmarks.install_peers [DIR] [--layer5-mods FOLDER]

A virtual environment with NEURON, Arbor, Jaxley and this package, and in DIR/mechanisms NEURON's mechanisms compiled
for NEURON and CoreNEURON: our own HH without a table, and, where FOLDER holds the .mod files of the layer-5 channels
(Hay et al. 2011, for example BluePyOpt's examples/l5pc/mechanisms), those with the wheel's flags and with better ones.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.jobs import CALCIUM, LAYER5, POOL

ROOT = Path(__file__).parents[1]
HOME = Path.home() / ".cache" / "jaxsim" / "peers"
PACKAGES = ["jaxley", "jaxley-mech", "neuron", "arbor", "numpy", "scipy", "tqdm", "matplotlib"]
# The wheel compiles mechanisms with -O2; -incflags is the way in that reaches CoreNEURON too.
FLAGS = "-O3 -march=native -ffast-math -fopenmp-simd -mprefer-vector-width=512"


def compiled(folder: Path, name: str, sources: list[Path], flags: str = "") -> None:
    """Compile .mod files for NEURON and CoreNEURON into folder/mechanisms/name."""
    place = folder / "mechanisms" / name
    shutil.rmtree(place, ignore_errors=True)
    (place / "mod").mkdir(parents=True)
    for source in sources:
        shutil.copy(source, place / "mod")
    command = [str(folder / "bin" / "nrnivmodl"), "-coreneuron", *(["-incflags", flags] if flags else []), "mod"]
    path = os.pathsep.join([str(folder / "bin"), os.environ.get("PATH", "")])
    done = subprocess.run(command, cwd=place, env=os.environ | {"PATH": path}, capture_output=True, text=True)
    (place / "log").write_text(done.stdout + done.stderr)
    if done.returncode:
        raise SystemExit(f"nrnivmodl failed for {name}: see {place / 'log'}\n{done.stderr[-400:]}")
    print(f"compiled {name} in {place}")


def install(folder: Path, layer5: Path | None, only_mechanisms: bool = False) -> None:
    """Make the environment and the mechanisms."""
    if not only_mechanisms:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, *PACKAGES, "--editable", str(ROOT)], check=True)
    mods = Path(__file__).parent / "peers" / "mods"
    compiled(folder, "hh", [mods / "hh_exact.mod"], FLAGS)
    if layer5 is None:
        print("no --layer5-mods: NEURON's rows of the layer-5 channels will not run")
        return
    sources = [layer5 / f"{name}.mod" for name in (*LAYER5, *CALCIUM.values(), POOL)]
    absent = [str(s) for s in sources if not s.exists()]
    if absent:
        raise SystemExit(f"not there: {', '.join(absent)}")
    compiled(folder, "layer5", sources)
    compiled(folder, "layer5_tuned", sources, FLAGS)


def main() -> None:
    """Read the arguments and install."""
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("folder", nargs="?", type=Path, default=HOME, metavar="DIR")
    p.add_argument("--layer5-mods", type=Path, default=os.environ.get("BENCH_LAYER5_MODS"), metavar="FOLDER")
    p.add_argument("--only-mechanisms", action="store_true", help="the environment is there already")
    options = p.parse_args()
    layer5 = Path(options.layer5_mods).resolve() if options.layer5_mods else None
    install(options.folder.resolve(), layer5, options.only_mechanisms)
    print(f"now: export BENCH_PEERS={options.folder.resolve()}")


if __name__ == "__main__":
    main()

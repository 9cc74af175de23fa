"""A configuration small enough for tests, and a made-up SWC file."""

CONFIG = """\
[cell]
shape = "binary_tree"
depth = 2
length = 60.0
radius = 2.0
per_branch = 1

[[channels]]
name = "HH"
region = "all"
parameters = { gbar_leak = 0.0 }

[[channels]]
name = "Leak"
region = "basal"

[[stimuli]]
kind = "pulse"
location = { branch = 0, x = 0.5 }
amp = 0.2
start = 0.2
stop = 1.5

[[records]]
location = { branch = 0, x = 0.5 }

[[records]]
location = { region = "basal", path_distance = 80.0 }

[simulation]
t_end = 2.0
dt = 0.1
method = "crank_nicolson"
precision = "float32"

[target]
kind = "simulated"
loss = "mse"

[target.parameters]
"HH.gbar_na" = 0.08
"Leak.gbar" = { basal = 3e-4 }

[free]
"HH.gbar_na" = { bounds = [0.01, 0.5], share = "cell" }
"Leak.gbar" = { bounds = [1e-5, 1e-3], share = "region", start = "random" }

[fit]
optimiser = "adam"
learning_rate = 0.1
steps = 3
seed = 1
"""

SWC = """\
# made up
1 1 0 0 0 6 -1
2 3 0 -6 0 1.0 1
3 3 0 -50 0 0.8 2
4 3 30 -90 0 0.5 3
5 3 -30 -90 0 0.5 3
6 4 0 6 0 1.5 1
7 4 0 120 0 1.0 6
"""


def changed(*pairs: tuple[str, str]) -> str:
    """The configuration with some text replaced; each text must be there."""
    text = CONFIG
    for old, new in pairs:
        if old not in text:
            raise ValueError(f"{old!r} is not in the configuration.")
        text = text.replace(old, new, 1)
    return text


def line_of(text: str, part: str) -> int:
    """The number of the first line that holds a text."""
    return next(i for i, line in enumerate(text.splitlines(), 1) if part in line)

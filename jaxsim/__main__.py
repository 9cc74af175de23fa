"""`python -m jaxsim` is the command `jaxsim`."""

import sys

from jaxsim.cli import main

sys.exit(main())

"""Runs a script that imports TensorFlow Serving's stubs: with_stubs.py DESCRIPTORS SCRIPT [ARGUMENT ...]"""

import runpy
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "compat"))
from stubs import install

_, descriptors, script, *arguments = sys.argv
install(descriptors)
sys.argv = [script, *arguments]
runpy.run_path(script, run_name="__main__")

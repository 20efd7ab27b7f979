"""The independent reader and writer of the object format, tests/vectors/sealgate_format.py, as a module."""

import importlib.util
import sys

from .stack import ROOT


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up here
    spec.loader.exec_module(module)
    return module


sealgate_format = load("sealgate_format", ROOT / "tests/vectors/sealgate_format.py")

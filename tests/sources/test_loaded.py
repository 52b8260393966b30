import subprocess
import sys


def test_what_reading_gives_back_loads_nothing_heavy() -> None:
    code = "import sys, segrules.sources.loaded; print(sorted({'pyarrow', 'numpy', 'pandas'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

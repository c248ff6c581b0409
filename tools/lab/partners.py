"""Programs that tools/fetch-partner has unpacked below the build folder."""

from __future__ import annotations

import re
import shutil

from . import lab

_LIBRARY = re.compile(r"\.so(\.\d+)*$")


def command(package: str, program: str) -> list[str]:
    """The beginning of the command line that runs `program`, a path such as usr/sbin/dnsmasq.

    One that is installed on the machine will do where none was unpacked.
    """
    root = lab.ROOT / "build/partners" / package
    if (root / program).exists():
        places = {str(file.parent) for file in root.rglob("*.so*") if _LIBRARY.search(file.name)}
        return ["env", f"LD_LIBRARY_PATH={':'.join(sorted(places))}", str(root / program)]
    installed = shutil.which(program.rpartition("/")[2], path="/usr/sbin:/usr/bin")
    if not installed:
        raise lab.LabError(f"{program} is missing; run tools/fetch-partner {package}")
    return [installed]

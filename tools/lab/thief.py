"""Takes most of the core that it runs on, in slices so thin that a server which has the rest is slow
rather than now and then stopped.

  thief.py SHARE     SHARE is what it leaves
"""

from __future__ import annotations

import os
import sys
import time

LEFT_AT_ONCE = 50e-6  # seconds; a sleep is longer by what waking up takes


def main() -> None:
    taken = 1 - float(sys.argv[1])
    # Before all that is not as urgent; such threads are also woken on time.
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    begin, spent = time.perf_counter(), time.process_time()
    while True:
        while time.process_time() - spent < taken * (time.perf_counter() - begin):
            pass
        time.sleep(LEFT_AT_ONCE)


if __name__ == "__main__":
    main()

"""berthd as a program: arguments, exit codes, signals, privileges, and what it says."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

from case import PLAN, NetTest, berthd, lab, main, wire

MISTAKES = """\
networks:
  kubenet:
    subnet: 192.168.200.0/24
    hosts:
      worker0: {mac: 52:52:52:00:00:04, address: 192.168.201.7}
      worker1: {mac: 52:52:52:00:00:04, address: 8}
      worker2: {mac: 52:52:52:00:00:05, address: 8}
    subnett: 10.0.0.0/8
    lease: soon
"""

# Of pcap, little-endian, Ethernet: no packets.
EMPTY_CAPTURE = bytes.fromhex("d4c3b2a1 02000400 00000000 00000000 00000400 01000000")


class Invoked(NetTest):
    """Runs that end by themselves."""

    def run_berthd(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        state = ["--state-dir", str(self.host.directory / "state")]
        return self.host.run([str(berthd.binary()), *state, *arguments], timeout=20)

    def file(self, text: str) -> str:
        path = self.host.directory / "berth.yaml"
        path.write_text(text)
        return str(path)

    def test_help(self) -> None:
        result = self.run_berthd("--help")
        self.assertEqual(result.returncode, 0)
        for option in ("--config", "--check", "--print-config", "--explain-bind", "--log-level", "--state-dir"):
            self.assertIn(option, result.stdout)

    def test_version(self) -> None:
        result = self.run_berthd("--version")
        self.assertEqual(result.returncode, 0)
        self.assertRegex(result.stdout, r"\d+\.\d+\.\d+")

    def test_an_unknown_argument_is_a_usage_error(self) -> None:
        for arguments, said in ((["--bogus"], "not expected: --bogus"),
                                (["lab.yaml"], "did you mean `--config lab.yaml`?"),
                                (["--log-level", "loud"],
                                 '--log-level: "loud" is not one of trace, debug, info, warning, error'),
                                (["--log-format", "xml"], '"xml" is not one of text, json'),
                                (["--config"], "--config: 1 required FILE missing")):  # fmt: skip
            with self.subTest(arguments=arguments):
                result = self.run_berthd(*arguments)
                self.assertEqual(result.returncode, 2)
                self.assertIn(said, result.stderr)

    def test_a_name_that_is_empty_is_a_usage_error(self) -> None:
        """As of a variable that is not set; the built-in plan is not what was asked for."""
        for arguments in (["--config", ""], ["--config="], ["--check", "--config", ""],
                          ["--state-dir", ""]):  # fmt: skip
            with self.subTest(arguments=arguments):
                command = [str(berthd.binary()), *arguments]
                result = self.host.run(command, timeout=20)
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertRegex(result.stderr, r"--(config|state-dir)")

    def test_every_mistake_of_a_configuration_is_told_with_its_place(self) -> None:
        result = self.run_berthd("--config", self.file(MISTAKES))
        self.assertEqual(result.returncode, 3)
        for line, what in ((5, "192.168.201.7"), (6, "52:52:52:00:00:04"), (7, "192.168.200.8"),
                           (8, "subnet"), (9, "lease")):  # fmt: skip
            with self.subTest(line=line):
                self.assertRegex(result.stderr, rf"berth\.yaml:{line}:\d+: .*{re.escape(what)}")
        self.assertIn("^", result.stderr)

    def test_a_file_that_does_not_exist(self) -> None:
        result = self.run_berthd("--config", "/nonexistent/berth.yaml")
        self.assertEqual(result.returncode, 3)
        self.assertIn("/nonexistent/berth.yaml", result.stderr)

    def test_a_file_that_is_no_yaml(self) -> None:
        result = self.run_berthd("--config", self.file("networks: {kubenet: [\n"))
        self.assertEqual(result.returncode, 3)
        self.assertRegex(result.stderr, r"berth\.yaml:\d+:\d+: ")

    def test_a_key_of_a_part_that_does_not_exist_yet(self) -> None:
        result = self.run_berthd("--config", self.file(PLAN + "    pool: 100-199\n"))
        self.assertEqual(result.returncode, 3)
        self.assertRegex(result.stderr, r"berth\.yaml:\d+:\d+: .*pool")

    def test_check(self) -> None:
        good = self.run_berthd("--check", "--config", self.file(PLAN))
        self.assertEqual(good.returncode, 0, good.stderr)
        bad = self.run_berthd("--check", "--config", self.file(MISTAKES))
        self.assertEqual(bad.returncode, 3)
        self.assertIn("192.168.201.7", bad.stderr)

    def test_explain_bind(self) -> None:
        good = self.run_berthd("--explain-bind", "--config", self.file(PLAN))
        self.assertEqual((good.returncode, good.stderr), (0, ""))
        self.assertIn("network kubenet, 192.168.200.1/24\n  DHCP: waiting\n", good.stdout)
        bad = self.run_berthd("--explain-bind", "--config", self.file(MISTAKES))
        self.assertEqual((bad.returncode, bad.stdout), (3, ""))
        both = self.run_berthd("--explain-bind", "--check")
        self.assertEqual(both.returncode, 2)

    def explained_with(self, failing: str) -> subprocess.CompletedProcess[str]:
        """The calls to recvmsg() that are named so find that news of links has been lost."""
        return self.host.run(["strace", "-E", "ASAN_OPTIONS=detect_leaks=0", "-o", "/dev/null",
                              "-e", "trace=recvmsg", "-e", f"inject=recvmsg:error=ENOBUFS:when={failing}",
                              str(berthd.binary()), "--explain-bind"], timeout=60)  # fmt: skip

    def test_explain_bind_asks_again_when_news_of_links_was_lost(self) -> None:
        self.link()
        once = self.explained_with("1")
        self.assertEqual((once.returncode, once.stderr), (0, ""))
        self.assertIn("DHCP: bound on berth0", once.stdout)
        always = self.explained_with("1+")
        self.assertEqual((always.returncode, always.stdout), (1, ""))
        self.assertIn("the links of this machine", always.stderr)

    def test_explain_bind_of_holders_that_only_root_may_see(self) -> None:
        """As of a berthd that runs and is well: no word of a conflict."""
        self.link()
        server = self.serve()
        for service in ("dhcp", "dns"):
            server.mark = 0
            server.wait_log(rf"endpoint\.bound service={service} ")
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                   self.for_everybody(), "--explain-bind"]  # fmt: skip
        result = self.host.run(command, timeout=20)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        for service in ("DHCP", "DNS"):
            self.assertIn(f"{service}: cannot be told on berth0\n", result.stdout)
        for verdict in ("conflict", "served", "stop it", "cannot be opened"):
            self.assertNotIn(verdict, result.stdout)
        self.assertEqual(server.end(signal.SIGTERM), 0)

    def test_print_config_can_be_read_again(self) -> None:
        first = self.run_berthd("--print-config", "--config", self.file(PLAN))
        self.assertEqual(first.returncode, 0, first.stderr)
        second = self.run_berthd("--print-config", "--config", self.file(first.stdout))
        self.assertEqual((second.returncode, second.stdout), (0, first.stdout), second.stderr)

    def test_output_that_cannot_be_written(self) -> None:
        plan = self.file(PLAN)
        capture = self.host.directory / "lab.pcap"
        capture.write_bytes(EMPTY_CAPTURE)
        for option in ("--check", "--print-config", "--explain-bind", f"--replay={capture}", "--help"):
            with self.subTest(option=option):
                command = f"exec {berthd.binary()} {option} --config {plan} >/dev/full"
                result = self.host.run(["sh", "-c", command], timeout=20)
                self.assertEqual(result.returncode, 1)
                self.assertIn("the output could not be written", result.stderr)

    def test_the_file_of_the_environment(self) -> None:
        path = self.file(MISTAKES)
        result = self.host.run(["env", f"BERTH_CONFIG={path}", str(berthd.binary())])
        self.assertEqual(result.returncode, 3)
        self.assertIn(path, result.stderr)

    def test_not_root(self) -> None:
        """No privilege: exit 1, and a word on what is missing."""
        binary = self.for_everybody()
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", binary,
                   "--state-dir", self.state_of_nobody()]  # fmt: skip
        for link in ("not there", "there"):
            with self.subTest(link=link):
                if link == "there":
                    self.link()
                result = self.host.run(command, timeout=20)
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assertRegex(result.stderr, r"start\.refused .*CAP_NET_BIND_SERVICE")

    def test_a_privilege_that_only_a_link_would_need(self) -> None:
        """Known at start, before there is a link to open the socket on."""
        for capability, dns in (("net_bind_service", "on"), ("net_raw", "off")):
            with self.subTest(capability=capability):
                config = self.world.directory / "config.yaml"
                config.write_text(
                    f"networks: {{kubenet: {{subnet: 192.168.200.0/24, dns: {dns}}}}}\n")
                command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                           f"--inh-caps=+{capability}", f"--ambient-caps=+{capability}",
                           self.for_everybody(), "--config", str(config),
                           "--state-dir", self.state_of_nobody()]  # fmt: skip
                result = self.host.run(command, timeout=20)
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assertRegex(result.stderr, r"start\.refused .*CAP_NET_RAW")

    def test_two_capabilities_are_enough(self) -> None:
        capabilities = "+net_bind_service,+net_raw"
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                   f"--inh-caps={capabilities}", f"--ambient-caps={capabilities}",
                   self.for_everybody(), "--state-dir", self.state_of_nobody()]  # fmt: skip
        log = self.host.directory / "log"
        with log.open("wb") as output:
            process = self.host.start(command, stderr=output)
        view = self.wire(self.guest(self.link()))
        view.first_offer()
        self.assertEqual(lab.stop(process), 0, log.read_text())

    def for_everybody(self) -> str:
        """A copy of berthd where nobody may run it, wherever the build folder is."""
        copy = self.world.directory / "berthd"
        copy.write_bytes(berthd.binary().read_bytes())
        copy.chmod(0o755)
        return str(copy)

    def state_of_nobody(self) -> str:
        folder = self.world.directory / "state-of-nobody"
        folder.mkdir(exist_ok=True)
        os.chown(folder, 65534, 65534)
        return str(folder)


class Running(NetTest):
    def test_the_embedded_plan_is_announced(self) -> None:
        server = self.serve()
        warning = server.wait_log(r"warning start\.embedded-plan .*").group()
        self.assertIn("/etc/berth/berth.yaml", warning)
        self.assertIn("192.168.200.0/24", warning)

    def test_both_words_to_stop(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=number.name):
                server = self.serve()
                self.assertEqual(server.end(number), 0)
                server.wait_log(rf"stop reason={number.name}")

    def test_signals_are_for_one_thread(self) -> None:
        """So that none interrupts another's work, and a second SIGTERM no orderly end."""
        server = self.serve()
        assert server.process
        blocked = {}
        for status in Path(f"/proc/{server.process.pid}/task").glob("*/status"):
            mask = re.search(r"^SigBlk:\s+(\w+)$", status.read_text(), re.M)
            assert mask
            blocked[int(status.parent.name)] = int(mask[1], 16)
        self.assertGreaterEqual(len(blocked), 3)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
            takers = [thread for thread, mask in blocked.items() if not mask >> (number - 1) & 1]
            self.assertEqual(takers, [server.process.pid], number.name)

    def test_a_second_one_names_the_first(self) -> None:
        first = self.serve()
        assert first.process
        second = self.host.run(first.argv(), timeout=20)
        self.assertEqual(second.returncode, 1)
        self.assertRegex(second.stderr, rf"pid {first.process.pid}\b")
        self.assertTrue(first.alive())

    def test_killed_and_started_again(self) -> None:
        view = self.wire(self.guest(self.link()))
        server = self.serve()
        self.assert_offered(view, "192.168.200.7")
        self.assertEqual(server.end(signal.SIGKILL), -signal.SIGKILL)
        server.start()
        self.assert_offered(view, "192.168.200.7")

    def test_notifications_to_the_service_manager(self) -> None:
        server = self.serve(PLAN)
        assert server.process
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        server.process.send_signal(signal.SIGHUP)
        reloading = server.wait_notified("RELOADING=1")
        stamp = re.search(r"^MONOTONIC_USEC=(\d+)$", reloading, re.M)
        assert stamp
        self.assertGreaterEqual(int(stamp[1]), before)
        server.wait_notified("READY=1")
        server.process.terminate()
        server.wait_notified("STOPPING=1")
        self.assertEqual(server.process.wait(15), 0)

    def test_json_log(self) -> None:
        server = self.serve(None, "--log-format", "json")
        self.link()
        server.wait_log(r"endpoint\.bound")
        server.stop()
        events = [json.loads(line)["event"] for line in server.log().splitlines()]
        self.assertEqual((events[0], events[-1]), ("start", "stop"))

    def test_counters_account_for_every_message(self) -> None:
        server = self.serve()
        lan = self.link()
        view = self.wire(self.guest(lan))
        stranger = self.wire(self.guest(lan, "stranger", "52:52:52:99:99:99"))
        offer = view.ask(wire.discover(view.mac))
        assert offer
        self.assertIsNotNone(view.ask(wire.request(offer[0])))
        self.assert_silent(stranger, wire.discover(stranger.mac))
        counters = server.counters()
        self.assertEqual(
            {name: counters[f"dhcp.{name}"] for name in ("received", "replied", "dropped")},
            {"received": 3, "replied": 2, "dropped": 1},
        )
        self.assertEqual(counters["dhcp.requests.DHCPDISCOVER"], 2)
        self.assertEqual(counters["dhcp.requests.DHCPREQUEST"], 1)
        self.assertEqual(counters["dhcp.replies.DHCPOFFER"], 1)
        self.assertEqual(counters["dhcp.replies.DHCPACK"], 1)
        self.assertEqual(counters["dhcp.drops.unknown_client"], 1)

    def test_debug_log_names_every_message(self) -> None:
        server = self.serve(None, "--log-level", "debug")
        view = self.wire(self.guest(self.link()))
        message = wire.discover(view.mac)
        self.assertIsNotNone(view.ask(message))
        server.wait_log(rf"dhcp\.offer .*host=worker0 .*xid=0x{message.xid:08x}")

    def test_nothing_is_left_in_the_state_folder_but_the_lock(self) -> None:
        server = self.serve()
        server.stop()
        left = {path.name for path in (server.directory / "state").iterdir()}
        self.assertLessEqual(left, {"berthd.lock"})


if __name__ == "__main__":
    main()

"""Boot ROMs, boot loaders and kernels in virtual machines, served by berthd."""

from __future__ import annotations

import re

from case import PLAN, NetTest, berthd, initramfs, lab, machine, main

# Other values than those that anybody would make up.
CONFIG = """
networks:
  kubenet:
    subnet: 192.168.200.0/24
    domain: lab.example.com
    router: 254
    dns-servers: [1, 9.9.9.9]
    lease: 3h
    hosts:
      worker0: {mac: 52:52:52:00:00:04, address: 7}
      worker1: {mac: 52:52:52:00:00:05, address: 8, boot: {server: 192.0.2.9, file: lab/first.efi}}
    names: {files: 1}
"""
IPXE_SCRIPT = """#!ipxe
ifconf --configurator dhcp net0 || goto failed
echo ip=${net0/ip}
echo netmask=${net0/netmask}
echo gateway=${net0/gateway}
echo dns=${net0/dns}
echo hostname=${net0/hostname}
echo domain=${net0/domain}
echo server=${net0/54:ipv4}
echo lease=${net0/51:uint32}
echo t1=${net0/58:uint32}
echo t2=${net0/59:uint32}
chain http://files.lab.example.com:8088/next.ipxe ||
:failed
echo failed=${errno}
prompt
"""
NEXT_SCRIPT = """#!ipxe
echo next=${net0/ip}
prompt
"""


class MachineTest(NetTest):
    plan = ""

    def setUp(self) -> None:
        super().setUp()
        self.lan = self.link()
        self.server = self.serve(self.plan + "dns: {upstream: none}\n")
        self.server.wait_log(r"endpoint\.bound service=dhcp")

    def machine(self, kind: machine.Kind, name: str = "worker0") -> machine.Machine:
        """One that runs, with the embedded plan's MAC."""
        started = machine.Machine(self.lan, name, berthd.DEFAULT_HOSTS[name][0], kind).start()
        self.addCleanup(lambda: print(started.console()[-8000:]))
        self.addCleanup(started.stop)
        return started

    def assert_served(self, *names: str) -> None:
        """berthd leased to these and to nobody else, warned of nothing and dropped nothing."""
        log = self.server.log()
        leased = re.findall(r" info dhcp\.lease .*host=(\S+) chaddr=(\S+) address=(\S+)", log)
        self.assertEqual(sorted(set(leased)), sorted((name, *berthd.DEFAULT_HOSTS[name]) for name in names))
        self.assertNotRegex(log, r"Z (warning|error) ")
        dropped = {name: count for name, count in self.server.counters().items() if count and "drop" in name}
        self.assertEqual(dropped, {})


class BootRoms(MachineTest):
    plan = CONFIG

    def test_ipxe_as_option_rom(self) -> None:
        rom = self.machine(machine.ipxe_rom())
        line = rom.wait_console(r"^(net0: .* gw .*|No bootable device.*)$")
        self.assertEqual(line[1], "net0: 192.168.200.7/255.255.255.0 gw 192.168.200.254")
        self.assert_served("worker0")

    def test_ipxe_by_a_script(self) -> None:
        """What it was told is the plan, and it fetches what comes next by a name of the plan."""
        files = self.host.directory / "files"
        files.mkdir()
        (files / "next.ipxe").write_text(NEXT_SCRIPT)
        script = self.host.directory / "script.ipxe"
        script.write_text(IPXE_SCRIPT)
        with (self.host.directory / "http.log").open("wb") as log:
            self.host.start(["python3", "-u", "-m", "http.server", "--bind", "192.168.200.1",
                             "--directory", str(files), "8088"], stdout=log, stderr=log)  # fmt: skip
        lab.wait_for("the HTTP server",
                     lambda: "192.168.200.1:8088 " in self.host.run(["ss", "-Hlnt"]).stdout)  # fmt: skip
        rom = self.machine(machine.ipxe_script(script))
        rom.wait_console(r"^(next|failed)=.*\n")
        self.assertEqual(dict(re.findall(r"^(\w+)=(.*?) *$", rom.console(), re.M)), {
            "ip": "192.168.200.7", "netmask": "255.255.255.0", "gateway": "192.168.200.254",
            "dns": "192.168.200.1", "hostname": "worker0", "domain": "lab.example.com",
            "server": "192.168.200.1", "lease": hex(10800), "t1": hex(5400), "t2": hex(9450),
            "next": "192.168.200.7",
        })  # fmt: skip
        self.assert_served("worker0")

    def test_u_boot(self) -> None:
        """It asks again at once, with another xid, and takes the answer to any."""
        loader = self.machine(machine.u_boot(), "worker1")
        self.assertEqual(loader.wait_console(r"^DHCP client bound to address (\S+) ")[1], "192.168.200.8")
        self.assertEqual(
            loader.wait_console(r"^TFTP from server (.*?) *$")[1],
            "192.0.2.9; our IP address is 192.168.200.8; sending through gateway 192.168.200.254",
        )
        self.assert_served("worker1")

    def test_edk2(self) -> None:
        """It takes no offer without a boot file, and identifies itself by option 97."""
        firmware = self.machine(machine.edk2(), "worker1")
        lines = firmware.wait_console(r"Station IP address is (\S+)\s+Server IP address is (\S+)\s+"
                                      r"NBP filename is (\S+)\s")  # fmt: skip
        self.assertEqual(lines.groups(), ("192.168.200.8", "192.0.2.9", "lab/first.efi"))
        self.assert_served("worker1")


class Linux(MachineTest):
    """The distribution's kernel and busybox."""

    plan = PLAN + "    names: {kubernetes: 11}\n"

    def setUp(self) -> None:
        super().setUp()
        folder = self.host.directory / "image"
        folder.mkdir()
        self.image = initramfs.build(folder)

    def boot(self, name: str, *ask: str) -> machine.Machine:
        image = self.image
        return self.machine(machine.linux(image.kernel, image.initramfs, f"ask={','.join(ask)}"), name)

    def report(self, guest: machine.Machine) -> initramfs.Report:
        """What it says at its end, with what the plan has for it."""
        report = initramfs.Report.parse(guest.wait_end())
        mac, address = berthd.DEFAULT_HOSTS[guest.name]
        lease = report.lease
        self.assertEqual((report.mac, lease.interface), (mac, f"{address}/24"))
        self.assertEqual((lease.routers, lease.dns_servers), (["192.168.200.1"], ["192.168.200.1"]))
        self.assertEqual((lease.host_name, lease.domain, lease.search), (guest.name, "kubenet", ["kubenet"]))
        self.assertEqual((lease.server_id, lease.lease_time), ("192.168.200.1", 12 * 3600))
        self.assertEqual((lease.broadcast, report.pinged), ("192.168.200.255", True))
        return report

    def test_one(self) -> None:
        expected = {
            "worker1.kubenet": ["192.168.200.8"],
            "worker1": ["192.168.200.8"],
            "kubernetes": ["192.168.200.11"],
            "192.168.200.8": ["worker1.kubenet"],
            "192.168.200.7": ["worker0.kubenet"],
        }
        self.assertEqual(self.report(self.boot("worker0", *expected)).answers, expected)
        self.assert_served("worker0")

    def test_six_at_once(self) -> None:
        addresses = {name: address for name, (_, address) in berthd.DEFAULT_HOSTS.items()
                     if name != "gateway"}  # fmt: skip
        guests = [self.boot(name, *(other for other in addresses if other != name)) for name in addresses]
        for guest in guests:
            others = {name: [address] for name, address in addresses.items() if name != guest.name}
            self.assertEqual(self.report(guest).answers, others)
        self.assert_served(*addresses)


if __name__ == "__main__":
    main()

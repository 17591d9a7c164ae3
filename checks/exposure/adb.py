"""An Android device lets debuggers in, or its debug bridge can be reached.

How it is seen: one CNXN (AOSP: adb/protocol.txt). How it is judged: a device that answers CNXN gives a shell to everybody; one that
sends a token asks for a key first. What it cannot show: which keys the device trusts.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import AdbFacts

RULE = access_rule(
    id="exposure/adb",
    name=Text("安卓调试桥（ADB）", "The Android Debug Bridge (ADB)"),
    facts=AdbFacts,
    rationale=Text(
        "ADB 提供设备的命令行、安装程序和读写文件的能力。机顶盒、广告屏、车机、云手机常忘记关闭网络调试，"
        "已被多个僵尸网络利用。",
        "ADB gives a shell, installs programs and reads and writes files. TV boxes, signage, car units "
        "and cloud phones are often left with network debugging on, and several botnets live on them.",
    ),
    remediation=Text(
        "关闭网络调试：设置—开发者选项—关闭“网络 ADB 调试”和“无线调试”；　adb usb 或者 setprop "
        "service.adb.tcp.port -1 后重启 adbd；　量产固件设置 ro.adb.secure=1、ro.debuggable=0；　防火墙封"
        "禁 TCP 5555。",
        "Turn network debugging off: developer options, network and wireless debugging; adb usb, or "
        "setprop service.adb.tcp.port -1 and restart adbd. Production firmware: ro.adb.secure=1, "
        "ro.debuggable=0. Block TCP 5555.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference(
            "AOSP: adb protocol",
            "https://android.googlesource.com/platform/packages/modules/adb/+/refs/heads/main/protocol.txt",
        ),
    ),
    usable=Severity.CRITICAL,
    reachable=Severity.HIGH,
)

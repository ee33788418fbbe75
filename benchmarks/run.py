# SPDX-License-Identifier: Apache-2.0
"""./bench: measures what issue by issue was promised, each thing beside what it is compared with, in turns."""
import argparse
import os
import pathlib
import signal
import sys
import time

SOURCE = pathlib.Path(__file__).resolve().parent.parent
os.environ.setdefault("XGATE_BUILD_DIR", str(SOURCE / "build"))
sys.path.insert(0, str(SOURCE / "tests" / "system"))
sys.dont_write_bytecode = True

ABOUT = """Measures xgate beside what it could cost at best: every pair in turns within one run, broker and generator on
different cores where there are two. Needs the release build, a quiet machine and some 14 minutes; starts a Mosquitto, a
PostgreSQL and a service of its own on free ports in a temporary folder, and leaves nothing running.
将 xgate 与其可能达到的最佳值对比测量：每一对在同一次运行中交替进行；有两个核时 broker 与负载发生器分核运行。需要 release
构建、空闲的机器和约 14 分钟；自行在空闲端口和临时目录中启动 Mosquitto、PostgreSQL 与服务，结束后不留任何进程。"""


def quantities():
    import directory
    import downloads
    import fairness
    import hostile
    import logins
    import uplinks
    return [logins.Login, logins.Publish, uplinks.Uplinks, uplinks.Latency, uplinks.Hex, hostile.Hostile,
            fairness.Fairness,
            directory.Snapshot, directory.Memory, directory.Change, logins.GrowthOfDevices, logins.GrowthOfConnections,
            downloads.Downloads]


def parse():
    parser = argparse.ArgumentParser(prog="./bench", description=ABOUT,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="what is measured · 列出测量项")
    parser.add_argument("--only", metavar="NAME", action="append", help="only this; may be repeated · 只测该项，可重复")
    parser.add_argument("--rounds", type=int, help="default: 3; 1 with --quick · 轮数")
    parser.add_argument("--quick", action="store_true", help="one short round, no downloads · 一轮短测，不含下载")
    parser.add_argument("--json", metavar="FILE", help="writes all that was measured · 写出全部测量结果")
    parser.add_argument("--svg", metavar="FILE", help="writes the picture · 写出图")
    parser.add_argument("--write-docs", action="store_true",
                        help="renews docs/performance.* · 更新 docs/performance.*")
    return parser.parse_args()


def choose(known, options):
    names = {each.name for each in known}
    for name in options.only or []:
        if name not in names:
            sys.exit(f"./bench: there is no \"{name}\"; --list has: {', '.join(sorted(names))}")
    return [each() for each in known if (not options.only or each.name in options.only) and
            not (options.quick and each.long and not options.only)]


def say(text):
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


def measure(chosen, rounds, stage):
    """Rounds outside, quantities inside: whatever drifts on the machine drifts for all."""
    failed = []
    for number in range(rounds):
        for each in [one for one in chosen if one.name not in failed]:
            say(f"round {number + 1} of {rounds}: {each.name}")
            try:
                each.round(stage)
            except Exception as error:  # the others are worth having all the same
                say(f"{each.name} failed: {error}")
                failed.append(each.name)
    return failed


def report(chosen, options, about):
    import outcome
    lines = [line for each in chosen for line in each.lines()]
    print(outcome.table(lines))
    if options.json:
        pathlib.Path(options.json).write_text(outcome.as_json(lines, chosen, about) + "\n", encoding="utf-8")
    if options.svg:
        pathlib.Path(options.svg).write_text(outcome.picture(lines), encoding="utf-8")
    if options.write_docs:
        outcome.write_docs(SOURCE, lines, chosen, about)


def main():
    options = parse()
    known = quantities()
    if options.list:
        for each in known:
            print(f"{each.name:<20} {each.title[0]} · {each.title[1]}")
        return 0
    import outcome
    import stage as stages
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(130))
    rounds = options.rounds or (1 if options.quick else 3)
    about = outcome.about_run(rounds, options.quick)
    chosen = choose(known, options)
    stage = stages.Stage(options.quick, say)
    began = time.monotonic()
    try:
        failed = measure(chosen, rounds, stage)
    finally:
        stage.remove()
    about["seconds"] = round(time.monotonic() - began)
    report([each for each in chosen if each.name not in failed], options, about)
    say(f"done after {about['seconds']} s")
    return 1 if failed else 0


sys.exit(main())

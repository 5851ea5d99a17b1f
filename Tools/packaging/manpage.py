#!/usr/bin/env python3
"""Writes dip(1) from what the program tells of itself: dip --experimental-dump-help | manpage.py VERSION DATE"""

import json
import sys


def text(words):
    """Lets roff read words as they stand."""
    lines = words.replace("\\", "\\e").replace("-", "\\-").split("\n")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in lines)


def discussion(words):
    """Paragraphs; what is indented is an example and keeps its lines."""
    examples = False
    for line in words.split("\n"):
        if line.startswith("  ") and not examples:
            print(".nf")
        elif examples and not line.startswith("  "):
            print(".fi")
        examples = line.startswith("  ")
        print(text(line) if line else ".PP")
    if examples:
        print(".fi")


def argument(item):
    names = [("--" if n["kind"] == "long" else "-") + n["name"] for n in item.get("names") or []]
    value = item.get("valueName") or "value"
    if item["kind"] == "positional":
        return f"<{value}>"
    return ", ".join(names) + ("" if item["kind"] == "flag" else f" <{value}>")


def command(item, path):
    if not item.get("shouldDisplay", True) or item["commandName"] == "help":
        return
    path = path + [item["commandName"]]
    print(f".SS {text(' '.join(path))}")
    print(text(item.get("abstract", "")))
    if item.get("discussion"):
        print(".PP")
        discussion(item["discussion"])
    for each in item.get("arguments", []):
        if each.get("shouldDisplay", True) and argument(each) not in ("-h, --help", "--version"):
            print(f".TP\n.B {text(argument(each))}\n{text(each.get('abstract') or '')}")
    for each in item.get("subcommands", []):
        command(each, path)


def main():
    version, date = sys.argv[1:]
    root = json.load(sys.stdin)["command"]
    print(f'.TH DIP 1 "{date}" "dip {version}" "Dipnet"')
    print(f".SH NAME\ndip \\- {text(root['abstract'])}")
    print(".SH SYNOPSIS\n.B dip\n.I command\n[\n.I options\n]\n.SH DESCRIPTION")
    discussion(root["discussion"])
    print(".SH COMMANDS")
    for each in root["subcommands"]:
        command(each, ["dip"])
    print(".SH FILES")
    for path, what in [("/etc/dipnet/node.json", "the node's settings"),
                       ("/var/lib/dipnet", "the node's data"),
                       ("/var/lib/dipnet\\-desk", "the bank desk's folder"),
                       ("/usr/share/doc/dipnet", "manuals")]:
        print(f".TP\n.I {path}\n{what}")


main()

"""Tortures consortia of real nodes: see docs/torture.md, or `Tools/torture --help`."""

import argparse
import pathlib
import random
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))

import world  # noqa: E402


def options():
    parser = argparse.ArgumentParser(
        prog="Tools/torture", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Starts consortia of real nodes, does to them what can happen to machines, and checks "
        "that nothing\nthat was acknowledged is lost or made twice and that all nodes are equal.",
        epilog="As root each bank gets a network of its own that can be cut; else proxies stand between "
        "them.\nDIP names the program to be tested. docs/torture.md says what each trial does.")
    parser.add_argument("trials", nargs="*", metavar="TRIAL", help="which trials; all unless said")
    parser.add_argument("--list", action="store_true", help="say which trials there are")
    parser.add_argument("--banks", type=int, default=3, help="how many banks; 3 unless said")
    parser.add_argument("--kills", type=int, default=100,
                        help="how often nodes are killed under load; 100 unless said")
    parser.add_argument("--minutes", type=float, metavar="N",
                        help="the storm alone, all faults together for so long; with a seed that is "
                        "chosen and told, unless one is given")
    parser.add_argument("--seed", type=int, help="of the choices made at random; 1 unless said")
    parser.add_argument("--storm", type=int, default=60, metavar="SECONDS",
                        help="how long all faults happen together; 60 unless said")
    parser.add_argument("--rounds", type=int, default=1, help="do everything so often")
    parser.add_argument("--folder", type=pathlib.Path,
                        help="where folders are made; the system's for temporary files unless said")
    parser.add_argument("--keep", action="store_true", help="leave the folders of what passed, too")
    return parser.parse_args()


def main():
    asked = options()
    world.enter()
    import trial
    # In the order in which they are run.
    from trials import (  # noqa: F401
        latencies, kills, pauses, partitions, leadership, disks, clocks, identities, storms)
    known = {function.__name__: function for function in trial.ALL}
    if asked.list:
        for name, function in known.items():
            print(f"{name:16} {function.__doc__.strip().splitlines()[0]}")
        return 0
    if unknown := [name for name in asked.trials if name not in known]:
        print(f"no trial {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 64
    # Paths of sockets must be short, so what is made here has short names.
    folder = pathlib.Path(tempfile.mkdtemp(prefix="dip-torture-", dir=asked.folder))
    if asked.minutes:
        asked.storm = asked.minutes * 60
        asked.trials = asked.trials or ["storm"]
        asked.seed = random.randrange(1_000_000) if asked.seed is None else asked.seed
    seed = 1 if asked.seed is None else asked.seed
    settings = trial.Settings(asked.banks, asked.kills, seed, asked.storm, folder, asked.keep)
    chosen = [known[name] for name in asked.trials] or list(known.values())
    failed = trial.run(chosen * asked.rounds, settings)
    if not any(folder.iterdir()):
        folder.rmdir()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

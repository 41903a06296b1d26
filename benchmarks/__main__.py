"""Every benchmark as one list of ratios; exits with 1 when one misses its bound."""

from __future__ import annotations

import sys

from benchmarks import areas, jsonstat, pipeline


def main() -> int:
    """Print every ratio and return the exit code."""
    failed: list[str] = []
    for module in (jsonstat, pipeline, areas):
        ratios = module.main()
        for name, ratio in ratios.items():
            print(f"{name}: {ratio:.2f}")
        failed.extend(module.missed(ratios))
    for name in failed:
        print(f"outside its bound: {name}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

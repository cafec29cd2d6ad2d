"""Where `deltacloud-tck` and `python -m tck` begin: signals first, then what takes long to load."""

from __future__ import annotations

from tck import signals


def main() -> int:
    """Run the command of this process; the exit code. From here on Ctrl-C is no traceback."""
    signals.begin()
    from tck import cli  # noqa: PLC0415 - half of the time of a short command

    return cli.main()


if __name__ == "__main__":
    raise SystemExit(main())

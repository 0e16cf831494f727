"""Run the command line as ``python -m dspipe``."""

from dspipe.cli import main

if __name__ == "__main__":
    main()

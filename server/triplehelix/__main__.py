"""`python -m triplehelix`."""

from triplehelix.cli import main

main(prog_name="triplehelix")

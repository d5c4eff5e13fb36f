"""`python -m pulumi_cutover`, and the command `cutover`."""

from cutover.app import main

if __name__ == "__main__":
    main()

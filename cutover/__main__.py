"""`python -m cutover`."""

from cutover.app import main

if __name__ == "__main__":
    main()

"""Running a verb: on one stack or several, with Ctrl-C, the file that tells the truth, a commit, a notification."""

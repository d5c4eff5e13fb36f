"""The work of each verb on a stack, one room per kind of work. A verb parses the command line and calls one."""

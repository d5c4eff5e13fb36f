"""What each verb does on a stack, one room per kind of work. A verb parses the command line and calls one."""

module cutover/standin

go 1.26.0
